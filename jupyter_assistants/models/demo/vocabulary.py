"""The words that the demo model knows."""

from __future__ import annotations

import re

STATS = {
    "mean": "mean|average|averages|avg",
    "median": "median|medians",
    "sum": "sum|sums|total|totals",
    "min": "min|minimum|lowest|smallest",
    "max": "max|maximum|highest|largest|biggest",
    "std": "std|sd|standard deviations?",
    "nunique": "distinct|unique|different",
    "count": "counts?|how many|number of",
}
CHARTS = {
    "heatmap": "heat ?maps?",
    "histogram": r"histograms?|hist|distribut\w+",
    "box": "box(?:[ -]?plots?)?|box(?: and)? whiskers?",
    "scatter": r"scatter\w*|against|vs|versus",
    "lines": r"lines?|(?:over|with) (?:the )?(?:time|years?|months?|days?)|trends?|time ?-?series|timeline|develop\w*",
    "bars": "bars?",
    "any": r"plots?|plotted|plotting|charts?|graphs?|draw|drawn|visuali[sz]e|diagrams?|pie",
}
TABLES = {
    "correlation": r"correlat\w+",
    "missing": r"missing|nulls?|nans?|gaps",
    "rows": r"(?:how many|number of|count(?: of)?(?: the)?) (?:rows|lines|records)|row count",
    "head": r"head|(?:first|top)(?: \d+)? (?:rows|lines|records)|preview",
    "counts": r"top|(?:most|least) (?:frequent|common)(?:ly)?|value[_ ]counts?|frequen\w+"
    "|categor(?:y|ies)|how often",
    "overview": r"profile|describ\w+|description|overview|summar\w+|explore|info|statistics|stats"
    r"|dtypes|tell me about|what(?:'s| is| are) in|inspect|(?:which|what|list the|show the) columns",
}
PERIODS = {
    "day": "daily|per day|by day|each day|every day",
    "week": "weekly|per week|by week|each week|every week",
    "month": "monthly|per month|by month|each month|every month|month by month",
    "quarter": "quarterly|per quarter|by quarter|each quarter|every quarter",
    "year": "yearly|annual|annually|per year|by year|each year|every year|year by year",
}
GROUP = r"(?:(?:grouped|split|group|colou?red) )?by|per|for (?:each|every)|in each|across|each"
TABLE_ENDING = r"\.(?:csv|tsv|xlsx|parquet|jsonl|ndjson|json)(?:\.gz)?"
IMAGE_ENDING = r"\.(?:png|svg|pdf)"

STOP = frozenset(
    re.findall(
        r"\w+",
        """a all also an and are as at be between by can chart column columns compute could create
    data dataframe dataset do does draw each every file find first for frame from get give good
    has have here how i if in into is it its kindly let like line make many me my nice now of on
    one or out over per please plot rows same see separately show simple tell than that the their
    them then there these this time to try up us use using value values want was we what where
    which who with would you your bins group grouped table result results colored coloured hi
    hello thanks just again next only number compare calculate display print say know need often
    frequent common most least record records entries entry row sorted
    about differ differs vary varies matrix pair pairs together difference whole entire set my our please any anything anywhere everything""",
    )
)
FREE = re.compile(
    r"\b(why|predict\w*|forecast\w*|regress\w*|cluster\w*|significan\w*|anova|t-?test|explain\w*"
    r"|interpret\w*|recommend\w*|causes?|caused|poem|joke|story|essay|song|letter|translate)\b",
    re.IGNORECASE,
)
PRONOUN = re.compile(
    r"\b(it|that|this|them|those|these|same|results?|table|the (?:plot|chart|figure|graph))\b",
    re.IGNORECASE,
)


def has(pattern: str, text: str) -> bool:
    """Return whether the words of a pattern occur in a text."""
    return bool(re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE))


def named(patterns: dict[str, str], text: str) -> list[str]:
    """Return the keys whose words occur in a text, in the order of the text."""
    found = []
    for key, pattern in patterns.items():
        match = re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)
        if match:
            found.append((match.start(), key))
    return [key for _, key in sorted(found)]


EVERYTHING = "|".join([*STATS.values(), *CHARTS.values(), *TABLES.values(), *PERIODS.values()])
_HINT = re.compile(
    r"\bover (?:the )?\w*(?:date|time|year|month|day)|rows where|[<>]", re.IGNORECASE
)
_ALONE = re.compile(rf"(?:{EVERYTHING}|{GROUP})", re.IGNORECASE)


def reserved(word: str) -> bool:
    """Return whether a single word belongs to the grammar or means nothing."""
    return word in STOP or bool(_ALONE.fullmatch(word))


def asks(text: str) -> bool:
    """Return whether a text may be a wish; without the columns this cannot be sure."""
    return not FREE.search(text) and (
        has(rf"{EVERYTHING}|{GROUP}", text) or bool(_HINT.search(text))
    )
