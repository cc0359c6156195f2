"""How the platform finds our page: by its path, before it looks for forms and documents at that path.

Looking costs more than all that the page reads: the platform compiles every route of the site for it.
"""

from frappe.website.page_renderers.template_page import TemplatePage

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
