"""The packages that a notebook imports: which of them are missing here, and what requirements.txt calls them."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from labnotes.adoption.drafts import Draft
from labnotes.source import code_digest

OTHER_NAMES = {
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
    "skimage": "scikit-image",
    "Bio": "biopython",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "serial": "pyserial",
    "umap": "umap-learn",
    "community": "python-louvain",
    "osgeo": "gdal",
    "attr": "attrs",
    "google.protobuf": "protobuf",
    "pytables": "tables",
    "OpenSSL": "pyopenssl",
    "Crypto": "pycryptodome",
    "git": "gitpython",
    "fitz": "pymupdf",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "faiss": "faiss-cpu",
    "pytorch_lightning": "pytorch-lightning",
    "sentence_transformers": "sentence-transformers",
    "mpl_toolkits": "matplotlib",
    "imblearn": "imbalanced-learn",
    "skopt": "scikit-optimize",
    "sksurv": "scikit-survival",
    "pywt": "PyWavelets",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "slugify": "python-slugify",
    "win32api": "pywin32",
    "pkg_resources": "setuptools",
    "Levenshtein": "levenshtein",
    "absl": "absl-py",
    "tensorflow_datasets": "tensorflow-datasets",
}
"""Distributions by the name under which they are imported, where the two differ."""


@dataclass(frozen=True)
class ImportedPackage:
    """A package that a code cell (its number, from 1) imports. `is_certain` tells that every run of the cell does."""

    name: str
    cell: int
    is_certain: bool


def imported_packages(draft: Draft) -> Iterator[ImportedPackage]:
    """The packages that the code of a draft imports, each once, without Python's own and those of the draft."""
    own = {name.partition("/")[0].removesuffix(".py") for name in draft.files}
    seen: dict[str, ImportedPackage] = {}
    for _, number, cell in draft.cells_of("code"):
        tree = code_digest.parse_magic_body(cell.source) or code_digest.parse_code(cell.source)
        for name, is_certain in _imports_in(tree.body, is_certain=True) if tree is not None else ():
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top in own or top in ("labnotes", "__main__"):
                continue
            if top not in seen or (is_certain and not seen[top].is_certain):
                seen[top] = ImportedPackage(top, number, is_certain)
    yield from seen.values()


def missing_packages(draft: Draft) -> list[ImportedPackage]:
    """Those of the imported packages that are not installed here."""
    return [package for package in imported_packages(draft) if not is_installed(package.name)]


def _imports_in(body: list[ast.stmt], *, is_certain: bool) -> Iterator[tuple[str, bool]]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, is_certain) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, is_certain
        else:
            inner = [child for child in ast.walk(node) if isinstance(child, ast.Import | ast.ImportFrom)]
            straight = isinstance(node, ast.With) and is_certain
            yield from _imports_in(list(inner), is_certain=straight)


def is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


@cache
def _distributions() -> dict[str, str]:
    """The distribution of each module that is installed here."""
    return {module: names[0] for module, names in importlib.metadata.packages_distributions().items()}


def distribution_of(name: str) -> str:
    """The name in requirements.txt for what is imported under a name."""
    return OTHER_NAMES.get(name) or _distributions().get(name) or name.replace("_", "-")
