"""Which profile a saved picture carries: the one that its numbers are in, of its own kind, or none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec


def embedded(meta: Meta, held: Spec) -> tuple[Meta, str]:
    """The metadata for a file that holds such a picture, and the name of a profile that could not be kept.

    Inks carry theirs. A picture that came with a profile carries it, where its numbers still are in it; the same
    command gives the same bytes. Where they are sRGB now it carries an sRGB profile, gray or colored.
    """
    if held.space == "cmyk":
        return meta.replace(icc=held.profile), ""
    if not meta.icc:
        return meta, ""
    if held.space not in ("rgb", "gray"):
        return meta.replace(icc=None), ""
    from imgconv.steps.color.icc.profile import read

    profile = read(meta.icc)
    if profile is not None and profile.space == held.space and not meta.is_srgb:
        return meta, ""
    if profile is not None and (meta.is_srgb or profile.is_srgb or profile.space == "cmyk"):
        from imgconv.steps.color.icc.srgb import srgb

        return meta.replace(icc=srgb(held.space)), ""
    return meta.replace(icc=None), profile.name if profile else ""
