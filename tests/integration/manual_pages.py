"""The sources of the manual (docs/man/*.scd) as a test wants them: terms, references and blocks of examples.

A comment in front of a block says what a test does with it:

  ; runs    a shell session: lines with "$ " are commands, "> " continues one, everything else is what they print
  ; config  a configuration file (of one that begins with another section, [supervisord] is understood)
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "man"


class Page:
    def __init__(self, path):
        self.name, self.section = path.stem.rsplit(".", 1)
        self.text = path.read_text()
        self.blocks = []  # (kind, lines); kind is "" where nothing was said
        prose, kind, block = [], "", None
        for line in self.text.split("\n"):
            if line == "```":
                if block is not None:
                    self.blocks.append((kind, block))
                    kind = ""
                block = [] if block is None else None
            elif block is not None:
                block.append(re.sub(r"\\(.)", r"\1", line))
            elif line.startswith("; "):
                kind = line[2:]
            else:
                prose.append(line)
        self.prose = "\n".join(prose)

    def blocks_of(self, kind):
        return [lines for found, lines in self.blocks if found == kind]

    def part(self, *headings):
        """The prose below these headings ("# OPTIONS")."""
        parts = re.split(r"^(#+ .*)$", self.prose, flags=re.MULTILINE)
        found = [body for heading, body in zip(parts[1::2], parts[2::2]) if heading in headings]
        assert found, f"{self.name}({self.section}) has no {headings}"
        return "".join(found)

    def terms(self, *headings):
        """The lines that have an indented explanation, of the whole page or below some headings."""
        lines = (self.part(*headings) if headings else self.prose).split("\n")
        return [line for line, following in zip(lines, lines[1:]) if following.startswith("\t") and line[:1] not in ("", "\t")]

    def options(self, *headings):
        """The options that the page explains: {"-c", "--configuration"}."""
        return {word.replace("\\", "") for term in self.terms(*headings) for word in re.findall(r"\*(-{1,2}[^*]+)\*", term)}

    def references(self):
        return set(re.findall(r"\*([\w.-]+)\*\((\d)\)", self.prose))


def pages():
    found = [Page(path) for path in sorted(SOURCES.glob("*.scd"))]
    return {(page.name, page.section): page for page in found}


def sessions(lines):
    """The commands of a shell session and what each prints: [(command, [line, ...]), ...]."""
    steps = []
    for line in lines:
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif line == ">" or line.startswith("> "):
            command, printed = steps[-1]
            steps[-1] = (f"{command}\n{line[2:]}", printed)
        else:
            steps[-1][1].append(line)
    return steps
