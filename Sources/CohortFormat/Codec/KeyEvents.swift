import CohortModel

extension PartnerEnabled: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(partner)
    writer.text(code)
    writer.text(displayName)
    writer.flag(learns)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      partner: try reader.id(bytes),
      code: try reader.text(bytes),
      displayName: try reader.text(bytes),
      learns: try reader.flag(bytes))
  }
}

extension KeyIssued: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(key)
    writer.tag(kind)
    writer.optional(partner) { $0.id($1) }
    writer.text(label)
    writer.bytes.append(littleEndian: permissions.rawValue)
    writer.values(networks)
    writer.optional(expiresAt) { $0.instant($1) }
    writer.digest(digest)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      key: try reader.id(bytes),
      kind: try reader.tag(bytes),
      partner: try reader.optional(bytes) { reader, bytes throws(EventFlaw) in
        try reader.id(bytes)
      },
      label: try reader.text(bytes),
      permissions: Permissions(rawValue: try reader.fixed(bytes)),
      networks: try reader.values(bytes),
      expiresAt: try reader.optional(bytes) { reader, bytes throws(EventFlaw) in
        try reader.instant(bytes)
      },
      digest: try reader.digest(bytes))
  }
}

extension Network: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.bytes.append(littleEndian: address.high)
    writer.bytes.append(littleEndian: address.low)
    writer.byte(prefix)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    let address = NetworkAddress(high: try reader.fixed(bytes), low: try reader.fixed(bytes))
    guard let network = Network(address: address, prefix: try reader.byte(bytes)) else {
      throw .outOfRange
    }
    self = network
  }
}
