"""The CloudFormation types that rules look for, native ones and this library's custom ones."""

from __future__ import annotations

CHANNEL = "AWS::IVS::Channel"
ENCODERS = ("AWS::IVS::EncoderConfiguration", "Custom::IVSEncoderConfiguration")
INGEST_CONFIGURATIONS = ("AWS::IVS::IngestConfiguration", "Custom::IVSIngestConfiguration")
PLAYBACK_KEY_PAIR = "AWS::IVS::PlaybackKeyPair"
PUBLIC_KEY = "AWS::IVS::PublicKey"
RECORDING_CONFIGURATION = "AWS::IVS::RecordingConfiguration"
RESTRICTION_POLICY = "AWS::IVS::PlaybackRestrictionPolicy"
STORAGES = ("AWS::IVS::StorageConfiguration", "Custom::IVSStorageConfiguration")
STREAM_KEY = "AWS::IVS::StreamKey"
BUCKET = "AWS::S3::Bucket"
