"""People, uploads, the queue, guesses, decisions and networks in the admin.

What is append-only can be read here and not written.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from onboarding.admin import decisions as decisions
from onboarding.admin import networks as networks
from onboarding.admin import people as people
from onboarding.admin import predictions as predictions
from onboarding.admin import tag_requests as tag_requests
from onboarding.admin import uploads as uploads

admin.site.site_header = admin.site.site_title = _("Lapel administration")
admin.site.index_title = _("Administration")
admin.site.enable_nav_sidebar = False  # the tables are wide
# Through the site's own sign-in page, which limits how often passwords can be tried.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
