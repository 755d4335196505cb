"""Whose lock it is, where one can't be had."""

import errno

import pytest

from molgen.base.claim import claimed
from molgen.base.errors import MolgenError


def refusing(number):
    def refused(self, **options):
        raise OSError(number, "refused")

    return refused


@pytest.mark.parametrize(("needed", "number"), [(True, errno.ENOLCK), (True, errno.EACCES), (False, errno.EACCES)])
def test_another_users_lock_stays_and_is_not_done_without(tmp_path, monkeypatch, needed, number):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lock").touch()
    monkeypatch.setattr("filelock.FileLock.acquire", refusing(number))
    with pytest.raises(MolgenError, match="can't be locked"), claimed(tmp_path / "run", stays=False, needed=needed):
        pass
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["lock"]


def test_a_disk_without_locks_is_done_without_where_none_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr("filelock.FileLock.acquire", refusing(errno.ENOSYS))
    with claimed(tmp_path / "run", stays=False, needed=False):
        assert (tmp_path / "run").is_dir()
    assert not (tmp_path / "run").exists()
    with pytest.raises(MolgenError), claimed(tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()
