"""Posts of any size: each is bounded before it lies anywhere, whoever sends it [S25].

Django reads a body as it is announced, and never beyond; it writes a large file to the temporary
folder before any page, or the check of its token, has looked at who sends it. So what is announced
is judged first, for every address alike; what is then read is kept in memory, never on a disk, and
no more of it than the page may take.
"""

from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from labelling import text
from labelling.admin.uploads import Upload, find_upload
from labelling.sandbox.limits import MEGABYTE
from labelling.spreadsheets.files.reading import format_megabytes

# A file that is too heavy is read to its end all the same, and not kept, where it is not much more
# than this: then its page says so itself, and nothing of the form is lost.
_PASSED_OVER = 32 * MEGABYTE
# A browser shows the refusal once it could send what it began: as much is read, and forgotten.
_DISCARDED = 64 * MEGABYTE
_PIECE = 64 * 1024
# More figures than any size has: int() takes long to read as many as a header may hold.
_MOST_FIGURES = 18


def bound_posts(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """The middleware that lets no request through whose body is too heavy for its address.

    Behind what says who asks, before anything that reads a body. A body without a length is none
    for Django, and no browser sends one: it is not understood.
    """

    def run(request: HttpRequest) -> HttpResponse:
        size = _read_size(request)
        if "HTTP_TRANSFER_ENCODING" in request.META or size is None:
            raise BadRequest
        if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return get_response(request)
        kept = find_kept(request)
        if kept and size <= kept + _PASSED_OVER:
            return get_response(request)
        return _refuse(request, size, kept)

    return run


def find_kept(request: HttpRequest) -> int:
    """How much is kept of the file that the address takes from who asks; 0 where it takes none."""
    upload = _find_upload(request)
    return upload.most if upload and request.user.has_perm(upload.permission) else 0


def read_as_nobody(request: Any) -> None:
    """Let a post be read where the base does not say who sends it; one that is heavy is not kept.

    Of its files there is as much as anybody may send.
    """
    if hasattr(request, "_files"):  # It was read already.
        return
    size, most = _read_size(request), settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if size is None or size > most + _PASSED_OVER:
        _discard(request.META["wsgi.input"], min(size or _DISCARDED, _DISCARDED))
        request._mark_post_parse_error()
    else:
        request.upload_handlers = [BoundedUpload(request, most=most)]


class BoundedUpload(FileUploadHandler):
    """Keeps files in memory, and no more of them all than the page may take.

    Of one that is too heavy nothing is kept, so that no part of it passes for the whole; its size
    is the true one, by which its page refuses it.
    """

    received = 0  # Of all files together.

    def __init__(self, request: HttpRequest, *, most: int = 0) -> None:
        super().__init__(request)
        self.most = most or find_kept(request) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received <= self.most:
            self.kept.write(raw_data)
        else:
            self.kept = BytesIO()

    def file_complete(self, file_size: int) -> UploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept,
            self.field_name,
            self.file_name or "",
            self.content_type,
            max(file_size, self.received),
            self.charset,
            self.content_type_extra,
        )


def _read_size(request: Any) -> int | None:
    """How much is announced; None where that is no number."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not text.is_number(length):
        return None
    return int(length) if len(length) <= _MOST_FIGURES else 10**_MOST_FIGURES


def _find_upload(request: HttpRequest) -> Upload | None:
    try:
        return find_upload(resolve(request.path_info).url_name or "")
    except Resolver404:
        return None


def _refuse(request: HttpRequest, size: int, kept: int) -> HttpResponse:
    _discard(request.META["wsgi.input"], min(size, _DISCARDED))
    context = {
        "size": format_megabytes(size),
        "file_limit": format_megabytes(kept) if kept else "",
        "limit": format_megabytes(settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
        "is_signed_out": not request.user.is_authenticated and _find_upload(request) is not None,
    }
    return HttpResponse(render_to_string("413.html", context), status=413)


def _discard(body: Any, size: int) -> None:
    with suppress(OSError):  # Who sent it is gone.
        for _ in range(size // _PIECE):
            if not body.read(_PIECE):
                break
