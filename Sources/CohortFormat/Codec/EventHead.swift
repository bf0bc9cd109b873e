package import CohortModel

/// The beginning of an event, and where its parts lie.
///
/// Storage/FORMAT.md, section 4, is the authority; this is the same drawing.
///
///     ├──────┬─────────┬───────┬─────────┬────────┬─────────┬─────────┬─────────┬─────────┤
///     │ kind │ version │ flags │ request │ key    │ payload │ payload │ receipt │ receipt │
///     │ u8   │ u8      │ u8    │ varint  │ varint │ length  │         │ length  │         │
///     └──────┴─────────┴───────┴─────────┴────────┴─────────┴─────────┴─────────┴─────────┘
///                                                                      ╰── if flag bit 1 ─╯
///
/// Flag bit 0: the request ends here. Flag bit 1: a receipt follows. The others are zero.
package struct EventHead: Hashable, Sendable {
  package let position: Position
  /// As stored; a later release may know more than ``EventKind``.
  package let kind: UInt8
  package let version: UInt8
  package let endsRequest: Bool
  /// Numbers of requests are dense, from 1, over the whole log; at most 2^62.
  package let request: UInt64
  package let key: KeyID
  /// From the kind to the last byte: what the leaf is made of.
  package let bytes: Range<Int>
  package let payload: Range<Int>
  package let receipt: Range<Int>?

  /// Kind, version, flags, request, key and payload length take a byte each at least.
  package static let sizeMin = 6

  static let endsRequestFlag: UInt8 = 1
  static let receiptFlag: UInt8 = 2
}

/// Steps over the events of a frame without reading their payloads.
///
/// Goes on over kinds that this release does not know.
package struct EventWalk: Hashable, Sendable {
  private let frame: FrameExtent
  /// Where the next event begins, in the bytes that the frame was read from.
  package private(set) var offset: Int
  /// Of the next event.
  package private(set) var position: Position

  package init(_ frame: FrameExtent) {
    self.frame = frame
    offset = frame.events.lowerBound
    position = frame.header.firstPosition
  }

  /// Reads the next head from the bytes that the frame was read from.
  ///
  /// - Returns: `nil` behind the last event.
  /// - Throws: ``EventFault/malformed(_:at:offset:)``. The events before it were good.
  /// - Complexity: O(1), about 15 ns.
  @inline(__always)
  package mutating func next(in bytes: Span<UInt8>) throws(EventFault) -> EventHead? {
    var reader = PayloadReader(offset: offset, end: frame.events.upperBound)
    do throws(EventFlaw) {
      if position > frame.header.lastPosition {
        guard reader.isAtEnd else { throw .leftOver }
        return nil
      }
      let head = try reader.head(bytes, position)
      offset = reader.offset
      position = position.advanced(by: 1)
      return head
    } catch {
      throw .malformed(error, at: position, offset: frame.fileOffset(of: reader.offset))
    }
  }
}

extension PayloadReader {
  @inline(__always)
  fileprivate mutating func head(
    _ bytes: Span<UInt8>, _ position: Position
  ) throws(EventFlaw) -> EventHead {
    let start = offset
    let kind = try byte(bytes)
    let version = try byte(bytes)
    let flags = try byte(bytes)
    guard flags & ~(EventHead.endsRequestFlag | EventHead.receiptFlag) == 0 else {
      throw .outOfRange
    }
    let request = try varint(bytes)
    guard 1...FrameHeader.positionMax ~= request else { throw .outOfRange }
    let key: KeyID = try id(bytes)
    let payload = try block(bytes)
    let receipt = flags & EventHead.receiptFlag == 0 ? nil : try block(bytes)
    return EventHead(
      position: position, kind: kind, version: version,
      endsRequest: flags & EventHead.endsRequestFlag != 0, request: request, key: key,
      bytes: start..<offset, payload: payload, receipt: receipt)
  }
}
