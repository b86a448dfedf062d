"""`amtsbote export`: write a declaration and the files it names."""

import base64
import shutil
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.looking import asked, named
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json

_WIDTH: Final = 100
_MISSING: Final[Mapping[str, str]] = {
    "secrets": "export.secrets",
    "private-keys": "export.private-keys",
    "callback-secrets": "export.callback-secrets",
    "signing-keys": "export.signing-keys",
    "options": "export.options",
    "uncertified": "export.uncertified",
}


def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="help.export.file", metavar="FILE")] = Path("export.toml"),
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    folder = file.with_name(f"{file.stem}.files")
    _nothing_there(file, folder)
    answer = asked("export", {"folder": folder.name}, config)
    try:
        _write(file, folder, f"{_head(voice, answer)}\n{answer['declaration']}", answer["files"])
    except OSError as error:
        raise CommandRefused("cannot-write", "export.cannot-write", path=file, reason=error) from error
    if json:
        kept = {name: answer[name] for name in ("revision", "routing", "missing")}
        as_json({"file": str(file), "files": sorted(answer["files"]), **kept})
    else:
        voice.line(voice.say("export.made", path=file, count=len(answer["files"]), folder=folder))


def _nothing_there(*paths: Path) -> None:
    for path in paths:
        if path.is_symlink() or path.exists():
            raise CommandRefused("exists", "export.exists", path=path)


def _write(file: Path, folder: Path, text: str, files: Mapping[str, str]) -> None:
    """The declaration gets its name last: whoever finds it finds all its files."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=file.parent))
    try:
        for name, content in files.items():
            (draft / Path(name).name).write_bytes(base64.b64decode(content))
        (draft / file.name).write_text(text, "utf-8")
        draft.chmod(0o755)
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    (folder / file.name).rename(file)


def _head(voice: Voice, answer: Mapping[str, Any]) -> str:
    """What is not in the file, and what `apply` makes of that."""
    sentences = [voice.say("export.head", revision=answer["revision"], routing=answer["routing"])]
    sentences += [voice.say(_MISSING[what], ids=named(whose)) for what, whose in answer["missing"].items()]
    return "".join(f"# {line}\n" for sentence in sentences for line in textwrap.wrap(sentence, _WIDTH))
