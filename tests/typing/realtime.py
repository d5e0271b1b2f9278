"""The real-time half, with our own constructs, imports and L1 types."""

import aws_cdk as cdk
from aws_cdk import aws_ivs, aws_s3
from constructs import Construct

from ivs_constructs import (
    AutoParticipantRecording,
    EncoderConfiguration,
    GridLayout,
    IngestConfiguration,
    InUse,
    LiveChannel,
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


class Realtime(cdk.Stack):
    """Stages and what goes with them."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)

        storage = StorageConfiguration(self, "Storage", bucket=aws_s3.Bucket(self, "Bucket"))
        level1 = aws_ivs.CfnStorageConfiguration(self, "Level1", s3={"bucketName": "recordings"})
        recording = AutoParticipantRecording(
            storage_configuration=level1,
            media_types=[MediaType.AUDIO_ONLY],
            thumbnail_configuration=ParticipantThumbnailConfiguration.interval(),
        )
        stage = Stage(self, "Stage", auto_participant_recording=recording, in_use=InUse.WAIT)
        self.endpoint: str = stage.whip_endpoint
        IngestConfiguration(self, "Ingest", stage=stage)
        IngestConfiguration(self, "ByLevel1", stage=aws_ivs.CfnStage(self, "Level1Stage"))
        encoder = EncoderConfiguration(
            self, "Encoder", video=Video(width=1280, height=720), provisioning=Provisioning.CUSTOM
        )
        key = TokenSigningKey(self, "SigningKey")
        PublicKey(self, "PublicKey", signing_key=key)
        talk = LiveStage(
            self, "Talk", recording=True, storage_configuration=storage, encoder=encoder
        )
        self.encoder_arn: str = talk.encoder_configuration.encoder_configuration_arn
        imported = Stage.from_stage_arn(
            self, "Found", "arn:aws:ivs:us-east-1:123456789012:stage/AbCd"
        )
        LiveStage(self, "Imported", stage=imported)
        live = LiveChannel(self, "Live")
        show = LiveStage(
            self,
            "Show",
            compose=GridLayout(),
            broadcast_to=live.channel,
            record_composition=True,
        )
        self.machine_arn: str = show.composition.state_machine.state_machine_arn
        level1_channel = aws_ivs.CfnChannel(self, "Level1Channel")
        LiveStage(self, "ByLevel1Channel", compose=True, broadcast_to=level1_channel)
