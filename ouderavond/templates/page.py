"""How the platform finds our page: by its path, before it looks for forms and documents at that path.

Looking costs more than all that the page reads: the platform compiles every route of the site for it.
"""

import frappe
from frappe.website.page_renderers.template_page import TemplatePage

from ouderavond.framed import headers, sessions
from ouderavond.templates import sign_in

PATH = "ouderavond"


class PortalPage(TemplatePage):
    """The page of `www/ouderavond`, as the platform itself would make it."""

    def __init__(self, path=None, http_status_code=None):
        self.is_ours = path == PATH
        if self.is_ours:
            super().__init__(path, http_status_code)

    def can_render(self):
        """Only our page; every other path is the platform's matter."""
        return self.is_ours and super().can_render()

    def render(self):
        """The page; inside another site's, where nobody is known, a card to log in with."""
        framed = headers.is_framed(frappe.request) and sessions.is_possible()
        if framed and frappe.session.user == "Guest":
            return sign_in.card()
        return super().render()
