"""What the storefront itself refuses: pages that are not there, forms it cannot read, posts from other sites."""

from renga.kernel.errors import Forbidden, Invalid, NotFound


class PageNotFound(NotFound):
    code = "page_not_found"
    title = "There is no such page"


class FormInvalid(Invalid):
    code = "form_invalid"
    title = "The form cannot be read"


class CrossSiteRequest(Forbidden):
    code = "cross_site_request"
    title = "This form was sent from another site"
