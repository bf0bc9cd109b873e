import CohortModel

extension Recovered: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.varint(offset)
    writer.varint(size)
    writer.digest(digest)
    writer.flag(mayHaveBeenAcknowledged)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      offset: try reader.varint(bytes),
      size: try reader.varint(bytes),
      digest: try reader.digest(bytes),
      mayHaveBeenAcknowledged: try reader.flag(bytes))
  }
}

extension Restored: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.position(cut)
    writer.position(head)
    writer.digest(root)
    writer.flag(acceptedLoss)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      cut: try reader.position(bytes),
      head: try reader.position(bytes),
      root: try reader.digest(bytes),
      acceptedLoss: try reader.flag(bytes))
  }
}
