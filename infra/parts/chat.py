"""Rights of every function with a chat: tables, models, the counter of calls.

They write nothing but that counter, whatever anyone talks a model into.
"""

from aws_cdk import Stack

from .data.storage import Tables
from .function import Function
from .settings import Settings


def allow_chat(function: Function, *, settings: Settings, storage: Tables) -> None:
    """Let a function answer free questions; of Bedrock it may invoke the one model given, if any.

    What it reads is granted by `allow_reading`, or by what the function reads anyhow.
    """
    function.set_environment(
        {
            "OLLAMA_BASE_URL": settings.ollama_base_url,
            "OLLAMA_MODEL": settings.ollama_model,
            "BEDROCK_MODEL_ID": settings.bedrock_model_id,
        }
    )
    function.uses(storage.calls, "UpdateItem")
    model = settings.bedrock_model_arn(Stack.of(function).region)
    function.allow_if(settings.chats_by_bedrock, "ask_model", ["bedrock:InvokeModel"], [model])


def allow_reading(function: Function, storage: Tables) -> None:
    """Permit a function to read the tables of the chat's tools and the bot."""
    function.uses(storage.state, "GetItem", "BatchGetItem")
    function.uses(storage.bars, "Query")
    function.uses(storage.signals, "GetItem")
    function.queries(storage.signals, "by_day", "by_symbol", "by_month", "by_open")
    function.uses(storage.decisions, "GetItem")
    function.uses(storage.performance, "Query")
    function.uses(storage.strategies, "Query")
