package import CohortModel

extension CohortNamed: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(cohort)
    writer.id(partner)
    writer.text(cohortID)
    writer.text(name)
    writer.optional(createdAt) { $0.instant($1) }
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      cohort: try reader.id(bytes),
      partner: try reader.id(bytes),
      cohortID: try reader.text(bytes),
      name: try reader.text(bytes),
      createdAt: try reader.optional(bytes) { reader, bytes throws(EventFlaw) in
        try reader.instant(bytes)
      })
  }
}

/// The unmatched stand last, so that the set of users is found without looking at them.
extension MembersChanged: PayloadCoding {
  @inline(__always)
  func encode(to writer: inout PayloadWriter) {
    writer.id(cohort)
    writer.tag(direction)
    writer.number(unchanged)
    writer.block(users.bytes)
    writer.values(unmatched)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    let cohort: CohortID = try reader.id(bytes)
    let direction: Direction = try reader.tag(bytes)
    let unchanged = try reader.number(bytes)
    self.init(
      cohort: cohort,
      direction: direction,
      users: try reader.users(bytes),
      unchanged: unchanged,
      unmatched: try reader.values(bytes))
  }
}

extension Unmatched: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.tag(reason)
    identifier.encode(to: &writer)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    let reason: Reason = try reader.tag(bytes)
    self.init(identifier: try reader.value(bytes), reason: reason)
  }
}

/// A `membersChanged` event, looked at where it lies: for replay, which folds millions of them.
package struct MembersExtent: Hashable, Sendable {
  package let cohort: CohortID
  package let direction: Direction
  package let unchanged: UInt32
  /// The bytes of the `PackedUsers`, in the bytes of the frame.
  ///
  /// They were not looked at: have `PackedUsers.check` accept them before anything else reads
  /// them, unless they are known to be what the encoder wrote.
  package let users: Range<Int>
  package let unmatchedCount: Int

  /// Reads the payload of `head`, which must be of kind `membersChanged`.
  ///
  /// The unmatched are counted, not read.
  ///
  /// - Complexity: O(1), about 15 ns. Allocates nothing.
  @inline(__always)
  package static func read(
    _ head: EventHead, of frame: FrameExtent, in bytes: Span<UInt8>
  ) throws(EventFault) -> MembersExtent {
    precondition(head.kind == EventKind.membersChanged.rawValue, "another kind of event")
    guard head.version == EventKind.version else {
      throw .unknownVersion(head.version, of: .membersChanged, at: head.position)
    }
    var reader = PayloadReader(offset: head.payload.lowerBound, end: head.payload.upperBound)
    do throws(EventFlaw) {
      return try MembersExtent(from: &reader, bytes)
    } catch {
      throw .malformed(error, at: head.position, offset: frame.fileOffset(of: reader.offset))
    }
  }

  @inline(__always)
  private init(
    from reader: inout PayloadReader, _ bytes: Span<UInt8>
  ) throws(EventFlaw) {
    cohort = try reader.id(bytes)
    direction = try reader.tag(bytes)
    unchanged = try reader.number(bytes)
    users = try reader.block(bytes)
    let count = try reader.varint(bytes)
    guard count <= UInt64(reader.rest) else { throw .cutShort }
    guard count > 0 || reader.isAtEnd else { throw .leftOver }
    unmatchedCount = Int(count)
  }
}
