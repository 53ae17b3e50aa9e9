"""What every function that chats needs: the models that it may ask, and the counter of calls."""

from aws_cdk import Stack

from .function import Function
from .settings import Settings
from .storage import Storage


def lets_chat(function: Function, *, settings: Settings, storage: Storage) -> None:
    """Let a function answer free questions; of Bedrock it may invoke the one model given, if any.

    What it reads to answer is the function's own to grant.
    """
    function.knows(
        {
            "OLLAMA_BASE_URL": settings.ollama_base_url,
            "OLLAMA_MODEL": settings.ollama_model,
            "BEDROCK_MODEL_ID": settings.bedrock_model_id,
        }
    )
    function.uses(storage.calls, "UpdateItem")
    model = settings.bedrock_model_arn(Stack.of(function).region)
    function.may_if(settings.chats_by_bedrock, "ask_model", ["bedrock:InvokeModel"], [model])
