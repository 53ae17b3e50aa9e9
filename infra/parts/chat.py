"""What every function that chats needs: what it reads, the models it may ask, the counter of calls.

They write nothing but that counter, whatever anyone talks a model into.
"""

from aws_cdk import Stack

from .function import Function
from .settings import Settings
from .storage import Storage


def lets_chat(function: Function, *, settings: Settings, storage: Storage) -> None:
    """Let a function answer free questions; of Bedrock it may invoke the one model given, if any.

    What it reads is granted by `reads`, or by what the function reads anyhow.
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


def reads(function: Function, storage: Storage) -> None:
    """Let a function read what the chat's tools and the bot tell of."""
    function.uses(storage.state, "GetItem", "BatchGetItem")
    function.uses(storage.signals, "GetItem")
    function.queries(storage.signals, "by_day", "by_symbol", "by_open")
    function.uses(storage.decisions, "GetItem")
    function.uses(storage.performance, "Query")
