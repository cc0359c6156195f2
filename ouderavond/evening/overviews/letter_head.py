"""The school's letter head, so that setting it loads nothing: its own picture lies in it, others are gone."""

import base64
import mimetypes
from urllib.parse import unquote, urlparse

import frappe
from bs4 import BeautifulSoup
from frappe import _
from markupsafe import Markup

NONE = "none"
# Elements that fetch or run something.
ACTIVE = ("script", "iframe", "object", "embed", "link", "meta", "base", "svg", "video", "audio", "style")
LARGEST = 2_000_000


def names() -> list[dict]:
    """The letter heads to choose from, the default first."""
    return frappe.get_all(
        "Letter Head", {"disabled": 0}, ["name", "is_default"], order_by="is_default desc, name"
    )


def html(chosen: str | None, evening) -> Markup:
    """A letter head as it stands at the top of a sheet.

    Args:
        chosen: the name of a Letter Head, "none", or nothing for the platform's default.
        evening: the Parent Evening document, of which a letter head may speak as on any print.

    Raises:
        frappe.ValidationError: there is no such letter head.
    """
    if chosen == NONE:
        return Markup("")
    wanted = {"name": chosen} if chosen else {"is_default": 1}
    content = frappe.db.get_value("Letter Head", {**wanted, "disabled": 0}, "content")
    if content is None and chosen:
        frappe.throw(_("There is no such letter head."))
    return still(_rendered(content, evening)) if content else Markup("")


def _rendered(content: str, evening) -> str:
    """As the platform does on every print; only who may set up the site writes letter heads."""
    try:
        return frappe.render_template(content, {"doc": evening.as_dict()})
    except Exception:
        frappe.clear_last_message()
        return content


def still(content: str) -> Markup:
    """HTML without anything that is fetched or run: pictures of the site's own files are put into it."""
    soup = BeautifulSoup(content, "html.parser")
    for tag in soup.find_all(ACTIVE):
        tag.decompose()
    for tag in soup.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name == "src":
                _put_in(tag)
            elif name.startswith("on") or name in ("href", "srcset", "background", "action", "poster"):
                del tag[name]
            elif name == "style" and ("url" in value.lower() or "\\" in value):
                del tag[name]
    return Markup(str(soup))


def _put_in(tag) -> None:
    picture = _picture(tag["src"]) if tag.name == "img" else None
    if picture:
        tag["src"] = picture
    else:
        tag.decompose()


def _picture(address: str) -> str | None:
    """A file of the site as a data address; None for anything else."""
    if address.startswith("data:image/"):
        return address
    path = unquote(urlparse(address).path)
    kind = mimetypes.guess_type(path)[0] or ""
    if not kind.startswith("image/") or not path.startswith(("/files/", "/private/files/")):
        return None
    found = frappe.get_all("File", {"file_url": path}, pluck="name", limit=1)
    try:
        content = frappe.get_doc("File", found[0]).get_content() if found else b""
    except (OSError, frappe.ValidationError):
        frappe.clear_last_message()
        return None
    content = content.encode() if isinstance(content, str) else content
    if not content or len(content) > LARGEST:
        return None
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
