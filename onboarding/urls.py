"""Addresses of everything through which products get in."""

from django.urls import path

from onboarding.views import (
    api_tokens,
    history,
    products,
    review,
    review_grid,
    staff_models,
    staff_photos,
    staff_queue,
    uploads,
)

app_name = "onboarding"

urlpatterns = [
    path("shops/<int:pk>/upload/", uploads.upload, name="upload"),
    path("listings/<int:pk>/photos/", uploads.photo_add, name="photo_add"),
    path("uploads/<int:pk>/", uploads.upload_progress, name="upload_progress"),
    path("uploads/<int:pk>/status/", uploads.upload_status, name="upload_status"),
    path("shops/<int:pk>/arrange/", products.arrange, name="arrange"),
    path("shops/<int:pk>/look-alikes/", products.look_alikes, name="look_alikes"),
    path("photos/<int:pk>/retry/", uploads.photo_retry, name="photo_retry"),
    path("shops/<int:pk>/review/", review.review_next, name="review_next"),
    path("shops/<int:pk>/review/grid/", review_grid.review_grid, name="review_grid"),
    path("shops/<int:pk>/review/grid/confirm/", review_grid.confirm_sure, name="confirm_sure"),
    path("shops/<int:pk>/review/grid/undo/", review_grid.batch_undo, name="batch_undo"),
    path("shops/<int:pk>/listings/new/", review.listing_new, name="listing_new"),
    path("listings/<int:pk>/review/", review.review, name="review"),
    path("listings/<int:pk>/history/", history.listing_history, name="listing_history"),
    path("confirmations/<int:pk>/restore/", history.confirmation_restore, name="confirmation_restore"),
    path("confirmations/<int:pk>/undo/", review.confirmation_undo, name="confirmation_undo"),
    path("account/api-tokens/", api_tokens.api_token_list, name="api_token_list"),
    path("account/api-tokens/<int:pk>/revoke/", api_tokens.api_token_revoke, name="api_token_revoke"),
    path("staff/queue/", staff_queue.staff_queue, name="staff_queue"),
    path("staff/queue/next/", staff_queue.staff_queue_next, name="staff_queue_next"),
    path("staff/queue/undo/", staff_queue.staff_queue_undo, name="staff_queue_undo"),
    path("staff/queue/<int:pk>/", staff_queue.staff_queue_item, name="staff_queue_item"),
    path("staff/photos/<int:pk>/<slug:kind>.jpg", staff_photos.staff_photo, name="staff_photo"),
    path("staff/models/", staff_models.staff_models, name="staff_models"),
    path("staff/models/<int:pk>/", staff_models.staff_model, name="staff_model"),
    path(
        "staff/models/<int:pk>/<slug:pictures>/<slug:field>/", staff_models.staff_model_field, name="staff_model_field"
    ),
    path(
        "staff/models/<int:pk>/<slug:pictures>/<slug:field>/cell/",
        staff_models.staff_model_cell,
        name="staff_model_cell",
    ),
    path(
        "staff/models/<int:pk>/<slug:pictures>/<slug:field>/picture/",
        staff_models.staff_model_picture,
        name="staff_model_picture",
    ),
]
