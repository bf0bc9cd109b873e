import CohortModel

extension Receipt: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.personal(key)
    writer.personal(fingerprint)
    writer.bytes.append(littleEndian: status)
    writer.text(answer)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      key: try reader.personal(bytes),
      fingerprint: try reader.personal(bytes),
      status: try reader.fixed(bytes),
      answer: try reader.text(bytes))
  }
}
