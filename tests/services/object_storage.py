"""A private server that speaks S3 (moto). It keeps everything in memory."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3

from tests.services.process import HOST, ServerProcess

BUCKET = "lapel-tests"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "only-for-tests"}
REGION = "us-east-1"


class ObjectStorage(ServerProcess):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.endpoint = f"http://{HOST}:{self.port}"

    def command(self) -> Sequence[str]:
        serve = "import sys; from moto.server import main; main(sys.argv[1:])"
        return [sys.executable, "-c", serve, "-H", HOST, "-p", str(self.port)]

    def start(self) -> None:
        super().start()
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket=BUCKET)

    def environment(self) -> dict[str, str]:
        """What makes Lapel keep its photos here."""
        return {
            **CREDENTIALS,
            "AWS_STORAGE_BUCKET_NAME": BUCKET,
            "AWS_S3_ENDPOINT_URL": self.endpoint,
            "AWS_S3_REGION_NAME": REGION,
            "AWS_S3_ADDRESSING_STYLE": "path",
            "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST))),
        }
