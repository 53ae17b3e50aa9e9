"""The keys of Web Push of a stack, made and stored by its operator's command."""

from typing import Any, Final

from signalengine_aws.runtime.secrets import secret_by

from infra.errors import USAGE, CommandError
from infra.local.stack.web_push import with_keys

from .store import ChannelStore

SUBJECTS: Final = ("mailto:", "https://")


def store_keys(store: ChannelStore, subject: str, *, new: bool = False) -> dict[str, Any]:
    """Store a pair of keys, the one that is there or a new one; returns what a user is shown."""
    if not subject.startswith(SUBJECTS) or len(subject) < 12:
        raise CommandError(
            f"{subject!r} is no contact of yours", "mailto:you@example.org, or https://…", USAGE
        )
    api = store.outputs["ApiSecretArn"]
    channels, known = (secret_by(store.client, arn) for arn in (store.secret_arn, api))
    try:
        written = with_keys(channels, known, subject, new=new)
    except ValueError:
        raise CommandError("the stored private key is none", "add --new") from None
    store.put(store.secret_arn, written.channels)
    store.put(api, written.api)
    return {"key": written.public_key, "new": written.made, "served_now": store.serve()}
