"""Addresses of everything through which products get in."""

from django.urls import path

from onboarding.views import review, uploads

app_name = "onboarding"

urlpatterns = [
    path("shops/<int:pk>/upload/", uploads.upload, name="upload"),
    path("listings/<int:pk>/photos/", uploads.photo_add, name="photo_add"),
    path("uploads/<int:pk>/", uploads.upload_progress, name="upload_progress"),
    path("uploads/<int:pk>/status/", uploads.upload_status, name="upload_status"),
    path("photos/<int:pk>/retry/", uploads.photo_retry, name="photo_retry"),
    path("shops/<int:pk>/review/", review.review_next, name="review_next"),
    path("shops/<int:pk>/listings/new/", review.listing_new, name="listing_new"),
    path("listings/<int:pk>/review/", review.review, name="review"),
    path("confirmations/<int:pk>/undo/", review.confirmation_undo, name="confirmation_undo"),
]
