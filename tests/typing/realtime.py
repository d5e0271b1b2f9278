"""The real-time half, with our own constructs, imports and L1 types."""

import aws_cdk as cdk
from aws_cdk import aws_ivs, aws_s3

from ivs_constructs import (
    AutoParticipantRecording,
    EncoderConfiguration,
    IngestConfiguration,
    InUse,
    LiveStage,
    MediaType,
    ParticipantThumbnailConfiguration,
    Provisioning,
    PublicKey,
    Stage,
    StorageConfiguration,
    TokenSigningKey,
    Video,
)

stack = cdk.Stack(cdk.App(), "Stack")
storage = StorageConfiguration(stack, "Storage", bucket=aws_s3.Bucket(stack, "Bucket"))
level1 = aws_ivs.CfnStorageConfiguration(stack, "Level1", s3={"bucketName": "recordings"})
recording = AutoParticipantRecording(
    storage_configuration=level1,
    media_types=[MediaType.AUDIO_ONLY],
    thumbnail_configuration=ParticipantThumbnailConfiguration.interval(),
)
stage = Stage(stack, "Stage", auto_participant_recording=recording, in_use=InUse.WAIT)
endpoint: str = stage.whip_endpoint
IngestConfiguration(stack, "Ingest", stage=stage)
IngestConfiguration(stack, "ByLevel1", stage=aws_ivs.CfnStage(stack, "Level1Stage"))
encoder = EncoderConfiguration(
    stack, "Encoder", video=Video(width=1280, height=720), provisioning=Provisioning.CUSTOM
)
key = TokenSigningKey(stack, "SigningKey")
PublicKey(stack, "PublicKey", signing_key=key)
talk = LiveStage(stack, "Talk", record=True, storage_configuration=storage, encoder=encoder)
arn: str = talk.encoder_configuration.encoder_configuration_arn
imported = Stage.from_stage_arn(stack, "Found", "arn:aws:ivs:us-east-1:123456789012:stage/AbCd")
LiveStage(stack, "Imported", stage=imported)
