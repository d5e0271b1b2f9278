"""What tests of IVS programs need: `emulator`, both IVS APIs over HTTP, and a pytest plugin."""
