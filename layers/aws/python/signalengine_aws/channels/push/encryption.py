"""The encryption of a message for one browser: RFC 8291, in the one record of RFC 8188.

The push service sees neither the text nor whom it is about. The curve, the derivation and the
cipher are those of `cryptography`, which is imported when a message is sent.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ...delivery.errors import RejectedError
from .limits import BODY, PAYLOAD

CURVE: Final = ec.SECP256R1()
POINT: Final = 65
"""Bytes of a public key: an uncompressed point."""
SALT: Final = 16
AUTH: Final = 16
LAST_RECORD: Final = b"\x02"


def encrypted(
    plain: bytes,
    *,
    public_key: bytes,
    auth: bytes,
    own_key: ec.EllipticCurvePrivateKey,
    salt: bytes,
) -> bytes:
    """Return the body for a browser's `public_key` and `auth`.

    `own_key` and `salt` are new for each message. Raises RejectedError for keys that are none, and
    for a payload that is too long.
    """
    if len(plain) > PAYLOAD:
        raise RejectedError("the message is too long for a push service")
    if len(public_key) != POINT:
        raise RejectedError("the subscription's key is not one")
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public_key)
    except ValueError:
        raise RejectedError("the subscription's key is not one") from None
    ours = point_of(own_key)
    shared = own_key.exchange(ec.ECDH(), theirs)
    secret = derived(shared, auth, b"WebPush: info\0" + public_key + ours, 32)
    key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + BODY.to_bytes(4, "big") + bytes([POINT]) + ours
    return head + AESGCM(key).encrypt(nonce, plain + LAST_RECORD, None)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(CURVE)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public key as services and browsers write it."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
