"""The pages: one module per part of the domain. They translate HTTP and decide nothing."""

from importlib import import_module
from pathlib import Path

for name in ("accounts", "contacts", "geography", "network", "releases", "waves"):
    if (Path(__file__).parent / f"{name}.py").exists():  # until all are written
        import_module(f"labelling.admin.{name}")
