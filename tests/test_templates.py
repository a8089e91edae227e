"""A template is read by people before it is rendered: what its lines may be."""

from pathlib import Path

OURS = Path("labelling/templates")
LONGEST = 160


class TestTemplates:
    def test_have_no_line_of_more_than_160_characters(self):
        """A line can end between blocks, between attributes, at a blank that is there already."""
        templates = sorted(OURS.rglob("*.html"))
        lines = [
            (path, number, line)
            for path in templates
            for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1)
        ]

        assert templates != []
        assert [f"{path}:{n}: {len(line)}" for path, n, line in lines if len(line) > LONGEST] == []
