"""Rows of a page that are added and taken back before anything is saved, with and without a script.

A button sends the whole form; the page comes back with its rows as they were asked for, and nothing
is stored.
"""

import re
from typing import Any

from django import forms
from django.http import HttpRequest

# On one page: each is drawn, and a row of a field has 27 inputs.
MOST_ROWS = 100
# Names of buttons. Their values: the prefix of the rows; the prefix and the number of a row.
ADD_ROW, REMOVE_ROW = "_add_row", "_remove_row"


def is_about_rows(request: HttpRequest) -> bool:
    return ADD_ROW in request.POST or REMOVE_ROW in request.POST


class UnfinishedForm(forms.BaseModelForm):
    """Not to be saved, however right it is: its rows are still being made."""

    def is_valid(self) -> bool:
        return False


class AskedRows(forms.BaseInlineFormSet):
    """Has a row more or a row less than its form says, where a button asks for it."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if data is None:
            return
        if data.get(ADD_ROW) == self.prefix:
            self.data = self._with_one_more()
        elif found := re.fullmatch(rf"{self.prefix}-([0-9]{{1,6}})", data.get(REMOVE_ROW, "")):
            self.data = self._without(int(found[1]))
        # It counts the rows, and was read of what was sent.
        self.__dict__.pop("management_form", None)

    def _with_one_more(self) -> Any:
        sent: Any = self.data
        counts = self._counts()
        if counts is None:
            return sent
        total = counts[1]
        grown = sent.copy()
        # What a browser would send of a row that was just drawn.
        for bound in self.empty_form:
            value = bound.value()
            if value is not None and value is not False:
                name = bound.html_name.replace("__prefix__", str(total))
                grown[name] = "on" if value is True else str(value)
        grown[f"{self.prefix}-TOTAL_FORMS"] = str(total + 1)
        return grown

    def _without(self, removed: int) -> Any:
        """What was sent; each row behind the removed one is one further in front."""
        sent: Any = self.data
        counts = self._counts()
        # What is stored is deleted by saving, not by this.
        if counts is None or not counts[0] <= removed < counts[1]:
            return sent
        kept = sent.copy()
        pattern = re.compile(rf"{self.prefix}-([0-9]+)-(.+)")
        behind = []
        for name in sent:
            found = pattern.fullmatch(name)
            if found and int(found[1]) >= removed:
                behind.append((int(found[1]), found[2], kept.pop(name)))
        for number, column, values in behind:
            if number > removed:
                kept.setlist(f"{self.prefix}-{number - 1}-{column}", values)
        kept[f"{self.prefix}-TOTAL_FORMS"] = str(counts[1] - 1)
        return kept

    def _counts(self) -> tuple[int, int] | None:
        """How many rows are stored, and how many there are; None if the form does not say."""
        said = self.management_form
        if not said.is_valid():
            return None
        counts: Any = said.cleaned_data
        return counts["INITIAL_FORMS"], counts["TOTAL_FORMS"]
