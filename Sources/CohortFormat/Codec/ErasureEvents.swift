import CohortModel

extension UserErased: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.optional(user) { $0.id($1) }
    writer.ids(identifiers)
    writer.values(texts)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.optional(bytes) { reader, bytes throws(EventFlaw) in
        try reader.id(bytes)
      },
      identifiers: try reader.ids(bytes),
      texts: try reader.values(bytes))
  }
}

extension TextName: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.position(position)
    writer.number(item)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      position: try reader.position(bytes),
      item: try reader.number(bytes))
  }
}

extension ErasureFinished: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.position(erasure)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      erasure: try reader.position(bytes))
  }
}

extension UnmatchedForgotten: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.instant(before)
    writer.position(through)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      before: try reader.instant(bytes),
      through: try reader.position(bytes))
  }
}
