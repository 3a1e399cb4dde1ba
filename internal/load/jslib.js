// The call shapes of jslib-aws's kinesis.js on top of Client, so that a script
// moves here by changing one import: read against jslib-aws's source
// (src/internal/kinesis.ts, config.ts, error.ts; 2026-11-22). What differs is
// said in docs/k6-module.md.
((Client, encodeBase64, decodeBase64) => {
  class AWSError extends Error {
    constructor(message, code) {
      super(message);
      this.name = 'AWSError';
      this.code = code;
    }
  }

  class KinesisServiceError extends AWSError {
    constructor(message, code, operation) {
      super(message, code);
      this.name = 'KinesisServiceError';
      this.operation = operation;
    }
  }

  class InvalidSignatureError extends AWSError {
    constructor(message, code) {
      super(message, code);
      this.name = 'InvalidSignatureError';
    }
  }

  class InvalidAWSConfigError extends Error {}

  class AWSConfig {
    static fromEnvironment(options = {}) {
      return new AWSConfig({
        region: __ENV.AWS_REGION,
        accessKeyId: __ENV.AWS_ACCESS_KEY_ID,
        secretAccessKey: __ENV.AWS_SECRET_ACCESS_KEY,
        sessionToken: __ENV.AWS_SESSION_TOKEN,
        endpoint: options.endpoint,
      });
    }

    constructor(options) {
      for (const name of ['region', 'accessKeyId', 'secretAccessKey']) {
        if (!options[name]) {
          throw new InvalidAWSConfigError(`invalid AWS configuration: ${name} is ${options[name]}`);
        }
      }
      this.region = options.region;
      this.accessKeyId = options.accessKeyId;
      this.secretAccessKey = options.secretAccessKey;
      if (options.sessionToken !== undefined) this.sessionToken = options.sessionToken;
      if (options.endpoint !== undefined) this.endpoint = options.endpoint;
    }
  }

  // endpointOf takes a URL, a host alone as jslib does, or its Endpoint object.
  function endpointOf(endpoint) {
    const text = endpoint?.href ?? endpoint;
    return text === undefined || /^https?:\/\//.test(text) ? text : `https://${text}`;
  }

  function failure(code, message, operation) {
    return code === 'InvalidSignatureException'
      ? new InvalidSignatureError(message, code)
      : new KinesisServiceError(message, code, operation);
  }

  const seconds = (date) => (date === undefined ? 0 : date.getTime() / 1000);

  class KinesisClient {
    #client;

    constructor(config) {
      this.#client = new Client({
        region: config.region,
        endpoint: endpointOf(config.endpoint),
        credentials: config,
      });
    }

    async #call(operation, parameters) {
      try {
        return await this.#client[operation](parameters);
      } catch (e) {
        throw failure(e.code, e.message, operation[0].toUpperCase() + operation.slice(1));
      }
    }

    async createStream(streamName, options = {}) {
      await this.#call('createStream', { StreamName: streamName, ...options });
    }

    async deleteStream(streamName, parameters = {}) {
      await this.#call('deleteStream', { StreamName: streamName, ...parameters });
    }

    async listStreams(parameters = {}) {
      const out = await this.#call('listStreams', parameters);
      return {
        hasMoreStreams: out.HasMoreStreams,
        nextToken: out.NextToken ?? '',
        streamNames: out.StreamNames,
        streamSummaries: out.StreamSummaries.map((s) => ({
          streamARN: s.StreamARN,
          streamCreationTimestamp: seconds(s.StreamCreationTimestamp),
          streamModeDetails: s.StreamModeDetails ?? {},
          streamName: s.StreamName,
          streamStatus: s.StreamStatus,
        })),
      };
    }

    // (records, { streamName }) as its source has it, or (streamName, records)
    // as its documentation does.
    async putRecords(records, parameters = {}) {
      if (typeof records === 'string') return this.putRecords(parameters, { streamName: records });
      const stream = parameters.streamARN ?? parameters.streamName;
      if (!stream) throw new Error('putRecords needs streamName or streamARN');
      const out = await this.#client.putRecords(stream, records.map((r) => ({
        data: typeof r.Data === 'string' ? decodeBase64(r.Data) : r.Data,
        partitionKey: r.PartitionKey,
        explicitHashKey: r.ExplicitHashKey,
      })));
      if (out.ErrorCode) throw failure(out.ErrorCode, out.ErrorMessage, 'PutRecords');
      return {
        failedRecordCount: out.FailedRecordCount,
        records: out.Records.map((r) => ({
          sequenceNumber: r.SequenceNumber,
          shardId: r.ShardId,
          errorCode: r.ErrorCode,
          errorMessage: r.ErrorMessage,
        })),
      };
    }

    async getRecords(shardIterator, parameters = {}) {
      const out = await this.#call('getRecords', { ShardIterator: shardIterator, ...parameters });
      return {
        nextShardIterator: out.NextShardIterator ?? '',
        records: out.Records.map((r) => ({
          data: encodeBase64(r.Data),
          partitionKey: r.PartitionKey,
          sequenceNumber: r.SequenceNumber,
        })),
        millisBehindLatest: out.MillisBehindLatest ?? 0,
      };
    }

    async listShards(streamName, parameters = {}) {
      const out = await this.#call('listShards', { StreamName: streamName, ...parameters });
      return {
        nextToken: out.NextToken,
        shards: out.Shards.map((s) => ({
          id: s.ShardId,
          parentShardId: s.ParentShardId,
          adjacentParentShardId: s.AdjacentParentShardId,
          hashKeyRange: s.HashKeyRange,
          sequenceNumberRange: s.SequenceNumberRange,
        })),
      };
    }

    async getShardIterator(streamName, shardId, shardIteratorType, parameters = {}) {
      const out = await this.#call('getShardIterator', {
        StreamName: streamName, ShardId: shardId, ShardIteratorType: shardIteratorType, ...parameters,
      });
      return { shardIterator: out.ShardIterator };
    }
  }

  return { AWSConfig, KinesisClient, KinesisServiceError, AWSError, InvalidSignatureError, InvalidAWSConfigError };
});
