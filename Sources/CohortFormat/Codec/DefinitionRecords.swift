package import CohortModel

/// Events without personal texts, as snapshots keep those that define something.
///
///     ├───────────┬──────┬──────────┬─────────┬──────┬────────────────┬─────────┤
///     │ position  │ time │ request  │ key     │ kind │ payload length │ payload │
///     │ varint    │ i64  │ varint   │ varint  │ u8   │ varint         │         │
///     └───────────┴──────┴──────────┴─────────┴──────┴────────────────┴─────────┘
///
/// A cache's format, not the log's: FORMAT.md does not know it.
package enum DefinitionRecords {
  /// Appends `recorded`, whose event must hold no personal text.
  package static func append(_ recorded: Recorded, to bytes: inout [UInt8]) {
    var writer = PayloadWriter(ledger: CRC32C(), random: NoRandomBytes())
    swap(&writer.bytes, &bytes)
    defer { swap(&writer.bytes, &bytes) }
    writer.position(recorded.position)
    writer.instant(recorded.time)
    writer.position(recorded.request)
    writer.id(recorded.key)
    writer.byte(EventKind(of: recorded.event).rawValue)
    writer.measured(expecting: recorded.event.expectedPayloadSize) {
      recorded.event.encodePayload(to: &$0)
    }
  }

  /// Reads all records of a section.
  ///
  /// - Returns: `nil` if the bytes are not what was written.
  package static func read(_ bytes: Span<UInt8>) -> [Recorded]? {
    var reader = PayloadReader(offset: 0, end: bytes.count)
    var records: [Recorded] = []
    do throws(EventFlaw) {
      while !reader.isAtEnd {
        let position = try reader.position(bytes)
        let time = try reader.instant(bytes)
        let request = try reader.position(bytes)
        let key: KeyID = try reader.id(bytes)
        guard let kind = EventKind(rawValue: try reader.byte(bytes)) else { return nil }
        let payload = try reader.block(bytes)
        var part = PayloadReader(offset: payload.lowerBound, end: payload.upperBound)
        let event = try part.event(kind, bytes)
        guard part.isAtEnd else { return nil }
        records.append(
          Recorded(position: position, time: time, key: key, request: request, event: event))
      }
    } catch { return nil }
    return records
  }
}

/// For events without texts, which draw no nonce.
private struct NoRandomBytes: RandomBytes {
  func fill(_ bytes: inout OutputSpan<UInt8>) {
    preconditionFailure("An event that defines something holds no personal text.")
  }
}
