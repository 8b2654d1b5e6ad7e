"""The errors that helpers raise: each message says what was wrong, where, and what to do. Used in every lesson."""


class CourseError(Exception):
    """Something the reader can put right; `course` prints its message without a traceback."""


class AudioError(CourseError, ValueError):
    """A signal or a sound file that cannot be used as it is."""


class SourceError(CourseError):
    """Data or a model that is not where the chosen source says."""


class LessonError(CourseError):
    """A lesson that is not built as the course's rules ask, or that failed while it ran."""
