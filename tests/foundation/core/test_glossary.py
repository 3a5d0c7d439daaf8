"""Every term of art is explained in both languages, in sentences short enough to read beside a number."""

import re

import pytest

from coopetir.foundation.core import glossary

TERMS = list(glossary.terms())


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.key)
def test_a_term_is_explained_in_both_languages(term):
    for language in ("es-co", "en"):
        said = term.in_language(language)
        assert said["word"]
        assert said["text"].endswith(".")
        for sentence in re.split(r"[.;:] ", said["text"]):
            assert len(sentence.split()) <= 25, sentence
    assert bool(term.read_es) == bool(term.read_en)


def test_keys_are_unique_and_unknown_ones_are_refused_by_name():
    assert len({term.key for term in TERMS}) == len(TERMS)
    with pytest.raises(glossary.TermUnknown) as refusal:
        glossary.term("nada")
    assert "nada" in refusal.value.sentence("es")
