"""Phrases of questions that words alone do not tell: what to do, what there is no data of. Pure.

Every text is in small letters, with single spaces.
"""

import re
from typing import Final

# Patterns are compiled when the first question comes, not at a cold start.
_WORKINGS: Final = "how the engine works"
_OFTEN: Final = "why something did not happen, or how often it does"
_COSTS: Final = "the costs of running this"
SUBJECTS: Final = (_WORKINGS, _OFTEN, _COSTS)
_POLITE: Final = (
    r"^(?:(?:please|pls|hey|ok|now|can you|could you|would you|will you|i want to|i want you to"
    r"|i'd like to|how (?:do|can|to|would)(?: i| we)?),? )*"
)
_ALERTS: Final = r"(signals?|alerts?|notifications?|messages?|updates?)"
_DONE: Final = (
    "(place|cancel|set|change|delete|disable|enable|pause|resume|alert me|notify me|remind me"
    "|close my|go (long|short))"
)
_ACTIONS: Final = (
    rf"{_POLITE}{_DONE}\b",
    rf"{_POLITE}(buy|sell|trade|send me|open a)\b(?!.*\bsignals?\b)",
    r"\b(unsubscribe|subscribe|unmute|mute)\b",
    rf"\b(cancel|disable|pause|delete) (\w+ ){{0,3}}{_ALERTS}\b",
    rf"\b(turn|switch) (\w+ ){{0,3}}off\b|\b(turn|switch) (on\b.*{_ALERTS}|.*{_ALERTS} on)\b",
    rf"{_POLITE}stop( (it|now|please|sending|the bot|bot)\b.*)?$",
    rf"{_POLITE}stop(?! (of|for|price|level|at|on|and|or)\b) (.*\b)?{_ALERTS}\b",
)
_FOLLOWED: Final = (
    r"\b(which|what|how many|list|show)\b.*\b(symbols?|coins?|tokens?|contracts?|pairs?|markets?)"
    r" .*\b(follow|followed|track|tracked|watched|covered)\b(?! record)"
    r"|\b(do|are) (you|we) (follow|track|watch|cover)(ing)?\b|\bis \S+ (followed|tracked)\b"
    r"|\b(followed|tracked) (symbols|coins|tokens|pairs)\b"
)
_SELF: Final = r"(you|it|this|that|scores?|signals?|(tp|sl)( and (tp|sl))?|(the |your )(\w+ )?\w+)"
_METHOD: Final = (
    rf"\bhow (do|does|is|are) {_SELF} "
    r"(calculate|calculated|compute|computed|work|works|decide|decided|determine|determined|choose"
    r"|chosen|pick|picked|set|trade|derive|derived|measured?)\b"
    rf"|\b(explain|know) how {_SELF} (works?|is|are)\b"
    r"|\bwhat (do|does) .*\bmean\b"
    r"|\bwhat (is|are) (a |an )(signals?|scores?|strateg\w+|components?)\b"
)
_NUMBER: Final = (
    r"\bwhy\b.*\b(so (few|many|little)|no|none|fewer|isn't|aren't|don't|doesn't|didn't|hasn't)\b"
    r"|\bwhy not\b"
)
_RUNNING: Final = (
    r"\b(costs?|price|expensive) (of|for|to|is it to) (run|operate|host|(runn|operat|host)ing)\b"
    r"|\brunning costs?\b|\b(aws|cloud|monthly) (costs?|bill)\b"
)
_OF: Final = (
    r"\b(?:price|score|value) (?:of|for) (?:the |a |an )?"
    r"(?!(?:the|a|an|my|your|our|all|each|every|any|last|latest|newest|highest|lowest|top|best"
    r"|longs?|shorts?|signals?|coins?|symbols?|tokens?|futures|markets?|these|those|them|it|this"
    r"|that|what|which|now|today|me|us)\b)([a-z]\w*)"
)
_MONTH: Final = (
    r"january|february|april|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_AFTER: Final = r"(?:on|in|of|since|until|before|after|from|during|at|for)"
_UNREAD: Final = (
    r"\bbetween \S+(?: \S+){0,2} and \S+(?: \S+){0,2}",
    rf"\b(?:{_AFTER} )?\d{{4}}-\d\d(?:-\d\d)?\b",
    rf"\b(?:{_AFTER} )?(?:\d{{1,2}} )?(?:{_MONTH})\b(?: \d{{1,4}}\b)?(?:,? (?:19|20)\d\d\b)?",
    r"\b(?:in|of|since|until|during) (?:march|may)\b(?: \d{1,4}\b)?",
    rf"\b(?:{_AFTER} )?\d{{1,2}} (?:march|may)\b(?:,? (?:19|20)\d\d\b)?",
    r"\bon (?:march|may) \d{1,2}\b(?:,? (?:19|20)\d\d\b)?",
    rf"\b{_AFTER} (?:19|20)\d\d\b",
    rf"\b(?:{_AFTER} )?(?:last )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
    rf"\b(?:{_AFTER} )(?:\d{{1,2}}:\d\d|\d{{1,2}} ?[ap]m)\b(?: ?(?:[ap]m|gmt|utc))?",
    r"\b(?:before|until|after) (?:yesterday|today)\b",
    r"\b(?:last|this|past) (?:quarter|weekend|night|morning|evening|afternoon)\b",
    r"\b(?:above|below|over|under|at least|at most|more than|less than) \d[\d.,]*%?",
)


def asks_action(text: str) -> bool:
    """Return whether something is to be done, or how it is done is asked."""
    return any(re.search(pattern, text) for pattern in _ACTIONS)


def asks_followed(text: str) -> bool:
    """Return whether the followed symbols are asked for."""
    return re.search(_FOLLOWED, text) is not None


def subject_without_data(text: str, *, has_symbol: bool) -> str | None:
    """Return what a text is about and the engine has no data of, None where it may have."""
    if re.search(_METHOD, text):
        return _WORKINGS
    if re.search(_NUMBER, text):
        return _OFTEN
    if re.search(_RUNNING, text):
        return _COSTS
    named = None if has_symbol else re.search(_OF, text)
    return None if named is None else named[1]


def unread_restrictions(text: str) -> tuple[str, ...]:
    """Return the words of restrictions that are no span before now: dates, times of day, bounds."""
    found: list[str] = []
    for pattern in _UNREAD:
        for match in re.finditer(pattern, text):
            if not any(match[0] in one for one in found):
                found.append(match[0])
    return tuple(found)
