import CohortModel
import Testing

extension Directory {
  var snapshot: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// What is read from this directory's snapshot; nil if it does not end where the snapshot does.
  func reread(hashSeed: UInt64) -> Directory? {
    let bytes = snapshot
    var offset = 0
    let copy = try? Directory(from: bytes.span, at: &offset, hashSeed: hashSeed)
    return offset == bytes.count ? copy : nil
  }
}

/// Compares every answer about every position up to `last`, of the directory and of what is read
/// from its snapshot.
func check(_ directory: Directory, _ oracle: DirectoryOracle, upTo last: Position) {
  guard let reread = directory.reread(hashSeed: 0xABCD) else {
    Issue.record("the snapshot cannot be read")
    return
  }
  #expect(reread == directory)
  checkPresent(directory, oracle)
  checkPresent(reread, oracle)
  for place in (0...last.rawValue).map(Position.init) + [.never] {
    let world = oracle.world(at: place)
    checkPast(directory, world, at: place)
    checkPast(reread, world, at: place)
  }
}

private func checkPast(_ directory: Directory, _ world: DirectoryOracle.World, at place: Position) {
  for number in 0...UInt32(directory.identifierCount + 1) {
    let id = IdentifierID(number)
    #expect(directory.bearer(of: id, at: place) == world.bearers[id])
  }
  for number in 1...UInt32(max(1, directory.userCount)) where directory.userCount > 0 {
    let user = UserID(number)
    let borne = directory.identifiers(of: user, at: place)
    #expect(borne.map(\.identifier) == world.identifiers(of: user))
    #expect(borne.allSatisfy { world.bearers[$0.identifier]?.role == $0.role })
    #expect(
      directory.isIdentified(user, at: place)
        == borne.contains { $0.role == .primary || $0.role == .deprecated })
    #expect(directory.status(of: user, at: place) == world.status(of: user))
    #expect(directory.survivor(of: user, at: place) == world.survivor(of: user))
    #expect(directory.mergedUsers(into: user, at: place) == world.merged(into: user))
  }
  for name in DirectoryPair.names {
    let found = directory.identifier(name.kind, name.bytes.span, at: place)
    #expect(found == world.found[name])
  }
}

private func checkPresent(_ directory: Directory, _ oracle: DirectoryOracle) {
  let world = oracle.world(at: .never)
  let bearings = oracle.bearings()
  for number in 1...UInt32(max(1, directory.identifierCount)) where directory.identifierCount > 0 {
    let id = IdentifierID(number)
    #expect(directory.text(of: id) == oracle.name(of: id)?.bytes)
    #expect(directory.bearings(of: id) == bearings[id] ?? [])
  }
  for (at, fact) in oracle.facts {
    switch fact {
    case .created(let user): #expect(directory.created(user) == at)
    case .introduced(let id, let name, _):
      #expect(directory.introduced(id) == at)
      #expect(directory.kind(of: id) == name.kind)
    default: break
    }
  }
  for number in 1...UInt32(max(1, directory.userCount)) where directory.userCount > 0 {
    let user = UserID(number)
    #expect(directory.survivor(of: user) == world.survivor(of: user))
  }
  for name in DirectoryPair.names {
    let ever = oracle.identifiersEver(name).flatMap { bearings[$0] ?? [] }
    #expect(directory.everBorne(name.kind, name.bytes.span) == ever)
  }
  for (index, label) in DirectoryPair.labels.enumerated() {
    #expect(directory.label(label.span) == LabelID(UInt32(index + 1)))
    #expect(directory.text(of: LabelID(UInt32(index + 1))) == label)
  }
  #expect(directory.label([9].span) == nil)
  checkBatches(directory, world)
}

/// Every name, in one batch for each kind and one for both labels, in an order unlike the table's.
private func checkBatches(_ directory: Directory, _ world: DirectoryOracle.World) {
  // Whoever lends one sees addresses, and changes nothing.
  let prefetch: Prefetch = { addresses in
    let count = addresses.count
    #expect(count <= 32)
  }
  var scratch = ResolutionScratch(prefetch: directory.userCount % 2 == 0 ? nil : prefetch)
  var results: [Resolution] = []
  for isAlias in [false, true] {
    for kind in isAlias ? [IdentifierKind.alias(LabelID(0))] : [.externalID, .device] {
      var (bytes, ranges, names): ([UInt8], [TextRange], [DirectoryOracle.Name]) = ([], [], [])
      for name in Array(repeating: DirectoryPair.names, count: 9).joined().reversed() {
        if case .alias = name.kind {
          if !isAlias { continue }
        } else if name.kind != kind {
          continue
        }
        ranges.append(TextRange(start: UInt32(bytes.count), count: UInt32(name.bytes.count)))
        bytes += name.bytes
        names.append(name)
      }
      let labels = names.map { name in
        if case .alias(let label) = name.kind { label } else { LabelID(0) }
      }
      if isAlias {
        directory.resolveAliases(
          ranges.span, of: bytes.span, labels: labels.span, into: &results, using: &scratch)
      } else {
        directory.resolve(ranges.span, of: bytes.span, as: kind, into: &results, using: &scratch)
      }
      #expect(
        results
          == names.map { name in
            guard let id = world.found[name], let bearer = world.bearers[id]
            else { return .nobody }
            return Resolution(id, bearer.user, bearer.role)
          })
    }
  }
}
