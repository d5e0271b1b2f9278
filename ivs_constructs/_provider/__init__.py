"""The machinery that runs in AWS Lambda, and the descriptors which it shares with the synth."""
