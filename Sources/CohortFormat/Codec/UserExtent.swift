package import CohortModel

/// A `userCreated` event with one external id and nothing else, looked at where it lies: for
/// replay, which creates millions of users.
package struct UserExtent: Hashable, Sendable {
  package let user: UserID
  /// Of the external id, in the bytes of the frame; `nil` unless it is intact.
  package let text: Range<Int>?
  package let state: TextEntry.State

  /// Reads the payload of `head`, which must be of kind `userCreated`.
  ///
  /// - Returns: `nil` for a user with other identifiers; then nothing was taken from `texts`.
  /// - Complexity: O(1), one checksum, no allocation.
  @inline(__always)
  static func read(
    _ head: EventHead, _ texts: inout TextReader, in bytes: Span<UInt8>
  ) throws(EventFlaw) -> UserExtent? {
    guard head.version == EventKind.version, head.receipt == nil else { return nil }
    var reader = PayloadReader(offset: head.payload.lowerBound, end: head.payload.upperBound)
    let user: UserID = try reader.id(bytes)
    guard reader.rest == 3 + Digest.size, bytes[reader.offset] == 1,
      bytes[reader.offset + 1] == 0
    else { return nil }
    let blocks = Int(bytes[reader.offset + 2])
    let (state, text) = try texts.skip(bytes, blocks: blocks)
    return UserExtent(user: user, text: state == .intact ? text : nil, state: state)
  }
}
