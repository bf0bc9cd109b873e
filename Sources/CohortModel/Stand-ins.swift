// Goes with the change that brings the real types (delete this file, or your type's line, then).
public struct PackedUsers: Hashable, Sendable {}
