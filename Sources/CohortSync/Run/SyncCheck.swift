package import CohortModel

/// What can be known of a sync without sending anything.
package struct SyncCheck: Sendable {
  package let rows: Int
  package let identifiers: Int
  package let warnings: [String]
  package let next: Instant?

  /// Reads the keys and the whole model.
  ///
  /// - Throws: ``SyncFailure`` for a key that is not there, and for a source that fails.
  package init(
    _ file: SyncFile, in folder: String, _ state: StateFolder, now: Instant,
    environment: [String: String], progress: (Int) -> Void
  ) throws(SyncFailure) {
    do throws(SecretError) {
      _ = try file.destination.keys(in: folder, environment)
      _ = try file.destination.readKey(in: folder, environment)
    } catch { throw .secret(error) }
    let model: Model
    do throws(SourceError) {
      model = try Model.read(
        file, in: folder, withholding: file.secretVariables, stop: StopSign(), progress: progress)
    } catch { throw .source(error) }
    (rows, identifiers) = (model.rowCount, model.identifiers.count)
    var warnings: [String] = []
    if file.destination.endpoint.isExposed {
      warnings.append(
        "The endpoint speaks plain HTTP, and keys can be read on the way. Use https.")
    }
    if !model.withoutIdentifier.isEmpty {
      warnings.append(
        "Rows without an identifier: \(model.withoutIdentifier.count). They will be rejected.")
    }
    if model.identifiers.count == 0, !file.guard.allowsEmpty {
      warnings.append("The model is empty. A run would be stopped.")
    }
    self.warnings = warnings
    next = file.schedule?.due(after: try RunHistory.read(state).last?.started, now: now)
  }
}
