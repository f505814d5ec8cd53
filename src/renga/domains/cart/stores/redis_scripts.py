"""The cart's scripts: which are made of which parts."""

import importlib.resources

from renga.domains.cart.ports import CartLimits
from renga.platform.redis.client import Script

_NO_PRELUDE = ("read", "due", "soon")
_NO_GUARD = ("create", "merge_source", "refuse_merge", "forget_merge", "sweep", "restore", "erase")
_OPERATIONS = (
    "add",
    "set_quantity",
    "remove",
    "replace",
    "saved",
    "coupon",
    "note",
    "claim",
    "checkout",
    "complete",
    "merge",
    "terms",
)


def load_scripts(limits: CartLimits) -> dict[str, Script]:
    """The scripts with the limits as literals: a changed limit gives a script with another SHA, so versions never mix."""
    folder = importlib.resources.files("renga.domains.cart.stores") / "scripts"
    source = {name: (folder / f"{name}.lua").read_text("utf-8") for name in (*_NO_PRELUDE, *_NO_GUARD, *_OPERATIONS)}
    prelude = (folder / "prelude.lua").read_text("utf-8")
    for name in sorted(limits.__struct_fields__, key=len, reverse=True):
        spelled = f"{name}_max" if f"${name}_max" in prelude else name
        prelude = prelude.replace(f"${spelled}", str(getattr(limits, name)))
    guard, merged, ordered = ((folder / f"{name}.lua").read_text("utf-8") for name in ("guard", "merged", "ordered"))
    head = (
        dict.fromkeys(_NO_PRELUDE, "") | dict.fromkeys(_NO_GUARD, prelude) | dict.fromkeys(_OPERATIONS, prelude + guard)
    )
    head["merge"] = prelude + merged + guard
    head["complete"] = prelude + ordered + guard
    # carts must expire on a full server too: that frees memory
    head["sweep"] = prelude.replace("#!lua\n", "#!lua flags=allow-oom\n", 1)
    return {name: Script(name, head[name] + text) for name, text in source.items()}
