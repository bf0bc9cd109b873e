import CohortModel

extension SegmentSaved: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(segment)
    writer.number(version)
    writer.text(name)
    writer.text(description)
    writer.list(tags) { $0.text($1) }
    filter.encode(to: &writer)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      segment: try reader.id(bytes),
      version: try reader.number(bytes),
      name: try reader.text(bytes),
      description: try reader.text(bytes),
      tags: try reader.list(bytes) { reader, bytes throws(EventFlaw) in
        try reader.text(bytes)
      },
      filter: try reader.value(bytes))
  }
}

extension CampaignReference: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.tag(kind)
    writer.number(number)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      kind: try reader.tag(bytes),
      number: try reader.number(bytes))
  }
}

extension Audience: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.ids(segments)
    writer.optional(filter) { $1.encode(to: &$0) }
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      segments: try reader.ids(bytes),
      filter: try reader.optional(bytes) { reader, bytes throws(EventFlaw) in
        try reader.value(bytes)
      })
  }
}

extension CampaignSaved: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    campaign.encode(to: &writer)
    writer.number(version)
    writer.text(name)
    writer.text(description)
    writer.list(tags) { $0.text($1) }
    audience.encode(to: &writer)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      campaign: try reader.value(bytes),
      version: try reader.number(bytes),
      name: try reader.text(bytes),
      description: try reader.text(bytes),
      tags: try reader.list(bytes) { reader, bytes throws(EventFlaw) in
        try reader.text(bytes)
      },
      audience: try reader.value(bytes))
  }
}

extension AudienceFrozen: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(send)
    campaign.encode(to: &writer)
    writer.number(version)
    writer.position(position)
    writer.instant(instant)
    writer.values(segments)
    audience.encode(to: &writer)
    writer.varint(size)
    writer.digest(digest)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      send: try reader.id(bytes),
      campaign: try reader.value(bytes),
      version: try reader.number(bytes),
      position: try reader.position(bytes),
      instant: try reader.instant(bytes),
      segments: try reader.values(bytes),
      audience: try reader.value(bytes),
      size: try reader.varint(bytes),
      digest: try reader.digest(bytes))
  }
}

extension SegmentVersion: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(segment)
    writer.number(version)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      segment: try reader.id(bytes),
      version: try reader.number(bytes))
  }
}
