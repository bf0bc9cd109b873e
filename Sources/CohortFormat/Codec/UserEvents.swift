import CohortModel

extension UserCreated: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    writer.values(identifiers)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      identifiers: try reader.values(bytes))
  }
}

extension IdentifierAdded: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    identifier.encode(to: &writer)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      identifier: try reader.value(bytes))
  }
}

extension IdentifierRemoved: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    writer.id(identifier)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      identifier: try reader.id(bytes))
  }
}

extension ExternalIDRenamed: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    writer.id(deprecated)
    writer.personal(primary)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      deprecated: try reader.id(bytes),
      primary: try reader.personal(bytes))
  }
}

extension UserIdentified: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    writer.personal(externalID)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      externalID: try reader.personal(bytes))
  }
}

extension UsersMerged: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    writer.id(into)
    writer.ids(cohortsLeft)
    writer.ids(cohortsEntered)
    writer.ids(moved)
    writer.ids(dropped)
    writer.ids(retired)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      into: try reader.id(bytes),
      cohortsLeft: try reader.ids(bytes),
      cohortsEntered: try reader.ids(bytes),
      moved: try reader.ids(bytes),
      dropped: try reader.ids(bytes),
      retired: try reader.ids(bytes))
  }
}

extension UserDeleted: PayloadCoding {
  func encode(to writer: inout PayloadWriter) {
    writer.id(user)
    writer.ids(cohortsLeft)
    writer.ids(freed)
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self.init(
      user: try reader.id(bytes),
      cohortsLeft: try reader.ids(bytes),
      freed: try reader.ids(bytes))
  }
}

extension IdentifierName: PayloadCoding {
  private enum Tag: UInt8 { case externalID = 0, alias = 1, device = 2 }

  func encode(to writer: inout PayloadWriter) {
    switch self {
    case .externalID(let text):
      writer.tag(Tag.externalID)
      writer.personal(text)
    case .alias(let label, let name):
      writer.tag(Tag.alias)
      writer.text(label)
      writer.personal(name)
    case .device(let text):
      writer.tag(Tag.device)
      writer.personal(text)
    }
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    switch try reader.tag(bytes, Tag.self) {
    case .externalID: self = .externalID(try reader.personal(bytes))
    case .alias:
      self = .alias(label: try reader.text(bytes), name: try reader.personal(bytes))
    case .device: self = .device(try reader.personal(bytes))
    }
  }
}
