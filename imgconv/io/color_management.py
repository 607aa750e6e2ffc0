"""Color management on open: an image's ICC profile is honored."""

from __future__ import annotations

from imgconv.engine.step import Step
from imgconv.steps.color.icc.profile import Profile
from imgconv.steps.color.icc_transform import depth, to_srgb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image
    from imgconv.core.spec import Spec
    from imgconv.engine.run_report import Report


def honored(image: Image, keep: bool, report: Report) -> tuple[Image, list[Step]]:
    """The image with its profile understood, and the steps that convert its colors to sRGB.

    Nothing is converted where the profile is sRGB, or is to be kept; inks keep theirs. What cannot be used is told.
    """
    from imgconv.steps.color.icc.profile import read
    from imgconv.steps.color.icc.transform import has_sixteen

    spec, profile = image.spec, read(image.meta.icc or b"")
    keep = keep and spec.space != "cmyk"
    problem = _problem(profile, spec, keep)
    if profile is None or problem:
        instead = "the plain formulas of inks" if spec.space == "cmyk" else "sRGB"
        report.warn(f"{image.path}: its color profile {problem} and is left out; {instead} is taken for it")
        return image.replace(meta=image.meta.replace(icc=None)), []
    if spec.space == "cmyk":
        return image.replace(spec=spec.replace(profile=profile.data)), []
    if keep or profile.is_srgb:
        return image, []
    if depth(spec) == "u2" and not has_sixteen():
        report.warn(
            f"{image.path}: its profile '{profile.name}' is kept, but not applied: "
            "colors of more than 8 bits need an optional part: pip install 'imgconv[icc]'"
        )
        return image, []
    return image.replace(meta=image.meta.replace(is_srgb=True)), [to_srgb(profile)]


def _problem(profile: Profile | None, spec: Spec, keep: bool) -> str:
    """Why a profile cannot be used for this image."""
    if profile is None:
        return "is damaged"
    if profile.space != spec.space and not (profile.is_srgb and spec.space == "gray"):
        return f"is for {profile.space} and not for {spec.space}"
    if keep or profile.is_srgb:
        return ""
    from imgconv.steps.color.icc.transform import transform

    try:
        transform(profile, to_srgb(profile).target, "relative", "u1")
    except ValueError:
        return "is damaged"
    return ""
