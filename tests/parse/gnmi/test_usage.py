"""When an entry that is not there means 0, and when it means nothing."""

from monitor.parse.gnmi.usage import UsageBook


def _book() -> UsageBook:
    book = UsageBook()
    book.begin(100.0)
    book.use("std", "CUBE_T_STD", 101.0)
    return book


def test_nothing_is_gone_that_was_sent_since_the_stream_began() -> None:
    assert list(_book().sync()) == []


def test_what_was_known_before_and_is_not_sent_is_gone_at_the_sync() -> None:
    book = _book()
    book.begin(200.0)
    book.use("enh", "CUBE_T_ENH", 201.0)
    assert list(book.sync()) == ["CUBE_T_STD"]
    assert list(book.sync()) == []


def test_what_an_earlier_run_knew_is_gone_at_the_sync() -> None:
    book = UsageBook()
    book.remember(["CUBE_T_RED"])
    book.begin(100.0)
    assert list(book.sync()) == ["CUBE_T_RED"]


def test_a_loss_forbids_conclusions_from_this_sync() -> None:
    book = _book()
    book.begin(200.0)
    book.lose(201.0)
    assert list(book.sync()) == []
    book.begin(300.0)
    assert list(book.sync()) == ["CUBE_T_STD"]


def test_samples_left_out_are_counted_in_intervals() -> None:
    book = _book()
    assert list(book.missed(101.0 + 150, 60)) == []
    assert list(book.missed(101.0 + 151, 0)) == []
    assert list(book.missed(101.0 + 151, 60)) == ["CUBE_T_STD"]


def test_a_loss_starts_the_count_of_intervals_again() -> None:
    book = _book()
    book.lose(200.0)
    assert list(book.missed(101.0 + 151, 60)) == []
    assert list(book.missed(351.0, 60)) == ["CUBE_T_STD"]


def test_deletes_name_one_entry_or_all() -> None:
    book = _book()
    book.use("enh", "CUBE_T_ENH", 102.0)
    assert list(book.delete("unknown")) == []
    assert list(book.delete("enh")) == ["CUBE_T_ENH"]
    assert list(book.delete("")) == ["CUBE_T_STD"]


def test_tags_are_bounded() -> None:
    book = UsageBook()
    assert all(book.use(str(n), str(n), 1.0) for n in range(1000))
    assert not book.use("one more", "one more", 1.0)
    assert book.use("1", "1", 2.0)


def test_a_doubted_entry_goes_at_the_sync() -> None:
    book = _book()
    book.use("enh", "CUBE_T_ENH", 102.0)
    book.doubt("enh")
    book.doubt("unknown")
    assert list(book.sync()) == ["CUBE_T_ENH"]
    book.doubt("")
    assert list(book.sync()) == ["CUBE_T_STD"]
