"""Errors of embedded engines; their details say what to do."""

from renga.kernel.errors import Conflict, Unavailable


class FolderInUse(Conflict):
    code = "data_folder_in_use"
    title = "Renga is already running on this data folder"


class FolderUnusable(Unavailable):
    code = "data_folder_unusable"
    title = "The data folder cannot be used"


class EngineMissing(Unavailable):
    code = "engine_missing"
    title = "An embedded engine has no binary for this machine"


class EnginePermission(Unavailable):
    code = "engine_permission"
    title = "The embedded engine may not use its folder"


class EngineFailed(Unavailable):
    code = "engine_failed"
    title = "An embedded engine does not start or stay up"
