"""Color management on open: what a file says of its colors, by an ICC profile or without one, is honored."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image
    from imgconv.core.spec import Spec
    from imgconv.engine.run_report import Report
    from imgconv.engine.step import Step
    from imgconv.steps.color.icc.profile import Profile


def honored(image: Image, keep: bool, report: Report) -> tuple[Image, list[Step]]:
    """The image with its profile, and the steps that convert its colors to sRGB.

    Nothing is converted where the profile is sRGB, or is to be kept; inks keep theirs. A profile that cannot be used is
    left out with a warning.
    """
    image = with_profile(image)
    return _honored(image, keep, report) if image.meta.icc else (image, [])


def with_profile(image: Image) -> Image:
    """The image with a profile that says the same as its gamma and chromaticities, where it has no profile."""
    meta = image.meta
    if meta.icc or not meta.describes_colors:
        return image
    from imgconv.steps.color.icc.chromaticities import screen

    space = "gray" if image.spec.colors == 1 else "rgb"
    icc = screen(space, meta.gamma, meta.chromaticities)
    return image.replace(meta=meta.replace(icc=icc, gamma=None, chromaticities=None))


def _honored(image: Image, keep: bool, report: Report) -> tuple[Image, list[Step]]:
    from imgconv.steps.color.icc.profile import read
    from imgconv.steps.color.icc.transform import has_sixteen
    from imgconv.steps.color.icc_transform import depth, to_srgb

    spec, profile = image.spec, read(image.meta.icc or b"")
    keep = keep and spec.space != "cmyk"
    problem = _problem(profile, spec, keep)
    if profile is None or problem:
        instead = "ink without a profile (plain formulas)" if spec.space == "cmyk" else "sRGB"
        report.warn(f"{image.path}: its color profile {problem} and is ignored; {instead} is assumed")
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
    from imgconv.steps.color.icc_transform import to_srgb

    try:
        transform(profile, to_srgb(profile).target, "relative", "u1")
    except ValueError:
        return "is damaged"
    return ""
