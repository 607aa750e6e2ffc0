"""Which ICC profile is embedded in a saved picture: the one that its numbers are in, or none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec


def embedded(meta: Meta, stored: Spec) -> tuple[Meta, str]:
    """The metadata for a file with this stored spec, and the name of a profile that could not be kept.

    CMYK images keep the profile of their inks. A picture that came with a profile keeps it while its numbers are in
    it; once they are sRGB, it gets an sRGB profile, for gray or for color. The same command gives the same bytes.
    """
    if stored.space == "cmyk":
        return meta.replace(icc=stored.profile), ""
    if not meta.icc:
        return meta, ""
    if stored.space not in ("rgb", "gray"):
        return meta.replace(icc=None), ""
    from imgconv.steps.color.icc.profile import read

    profile = read(meta.icc)
    if profile is not None and profile.space == stored.space and not meta.is_srgb:
        return meta, ""
    if profile is not None and (meta.is_srgb or profile.is_srgb or profile.space == "cmyk"):
        from imgconv.steps.color.icc.srgb import srgb

        return meta.replace(icc=srgb(stored.space)), ""
    return meta.replace(icc=None), profile.name if profile else ""
