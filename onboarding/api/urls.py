"""Addresses of the API, below /api/v1/."""

from django.urls import path

from onboarding.api.views import labels, listings, models, photos, schema, shops, uploads, vocabulary

app_name = "api"

urlpatterns = [
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("vocabulary/", vocabulary.VocabularyView.as_view(), name="vocabulary"),
    path("shops/", shops.ShopList.as_view(), name="shops"),
    path("shops/<int:pk>/uploads/", uploads.NewUpload.as_view(), name="new_upload"),
    path("shops/<int:pk>/listings/", listings.ShopListings.as_view(), name="listings"),
    path("shops/<int:pk>/labels/", labels.ShopLabels.as_view(), name="labels"),
    path("uploads/<int:pk>/", uploads.UploadDetail.as_view(), name="upload"),
    path("uploads/<int:pk>/photos/", uploads.MorePhotos.as_view(), name="upload_photos"),
    path("listings/<int:pk>/", listings.ListingDetail.as_view(), name="listing"),
    path("listings/<int:pk>/confirm/", listings.ListingConfirmation.as_view(), name="listing_confirm"),
    path("listings/<int:pk>/undo/", listings.ListingUndo.as_view(), name="listing_undo"),
    path("photos/<int:pk>/", photos.PhotoDetail.as_view(), name="photo"),
    path("photos/<int:pk>/files/<str:kind>/", photos.PhotoFile.as_view(), name="photo_file"),
    path("models/", models.ModelVersionList.as_view(), name="models"),
    path("models/<int:pk>/", models.ModelVersionDetail.as_view(), name="model"),
]
