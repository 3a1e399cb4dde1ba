// Types of the k6 module k6/x/kinesis.
declare module 'k6/x/kinesis' {
  /** What a record's data may be: text goes as UTF-8, a view as its part of the buffer, an array as byte values. */
  export type Data = string | ArrayBuffer | ArrayBufferView | number[];

  /** One entry of an answer: accepted (ShardId, SequenceNumber) or not (ErrorCode, ErrorMessage). */
  export interface Entry {
    ShardId?: string;
    SequenceNumber?: string;
    /** Kinesis's error code, or why no usable answer came: Timeout, ConnectionClosed, … */
    ErrorCode?: string;
    ErrorMessage?: string;
  }
  export interface PutRecordsResult {
    FailedRecordCount: number;
    /** One entry a record, in order. */
    Records: Entry[];
    /** Set where the call failed as a whole, and every record with it. */
    ErrorCode?: string;
    ErrorMessage?: string;
  }
  export interface KinesisRecord {
    data: Data;
    partitionKey: string;
    explicitHashKey?: string;
  }
  export interface Credentials {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
  }
  export interface TargetOptions {
    region?: string;
    /** http://host[:port]; without one AWS_ENDPOINT_URL_KINESIS or AWS_ENDPOINT_URL, then AWS itself. */
    endpoint?: string;
    /** Of one put: '10s', or milliseconds. Default 10 s. */
    timeout?: string | number;
    /** Default: the AWS SDK's chain. */
    credentials?: Credentials;
  }

  export interface PuttingOptions {
    /** What is done about records that a call failed to put: nothing (default), as AWS's SDK, or as the KPL. */
    retry?: 'none' | 'sdk' | 'kpl-like';
    /** Of calls. 'auto', the default, is cbor where the endpoint takes it: it is asked once, ahead of the first put. */
    encoding?: 'auto' | 'json' | 'cbor';
  }

  /** What operations throw, and reject with. */
  export interface OperationError extends Error {
    name: 'KinesisServiceError';
    /** Kinesis's error code; empty where no answer came or parameters were wrong. */
    code: string;
    operation: string;
  }

  /** An operation's parameters, in the API's spelling or with a small first letter. */
  export type Parameters = { [name: string]: unknown };
  /** The same, or the stream's name alone. */
  export type OfStream = string | Parameters;
  /** An operation's answer, in the API's spelling: a time is a Date, a blob an ArrayBuffer, what is not set is missing. */
  export type Answer = { [name: string]: any };

  export interface Shard {
    ShardId: string;
    ParentShardId?: string;
    AdjacentParentShardId?: string;
    HashKeyRange: { StartingHashKey: string; EndingHashKey: string };
    SequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string };
  }
  export interface ReadRecord {
    Data: ArrayBuffer;
    PartitionKey: string;
    SequenceNumber: string;
    ApproximateArrivalTimestamp?: Date;
    EncryptionType?: string;
  }
  export interface GetRecordsAnswer {
    Records: ReadRecord[];
    /** Missing at the end of a closed shard. */
    NextShardIterator?: string;
    MillisBehindLatest?: number;
    ChildShards?: Answer[];
  }
  export interface SubscribeToShardEvent {
    Records: ReadRecord[];
    /** Where the next subscription goes on; missing at the end of a closed shard. */
    ContinuationSequenceNumber?: string;
    MillisBehindLatest: number;
    ChildShards?: Answer[];
  }
  export interface StreamSummary {
    StreamDescriptionSummary: Answer & {
      StreamName: string;
      StreamARN: string;
      StreamStatus: 'CREATING' | 'DELETING' | 'ACTIVE' | 'UPDATING';
      OpenShardCount: number;
      RetentionPeriodHours: number;
      StreamCreationTimestamp: Date;
    };
  }

  /**
   * Puts records that the script makes, and calls the API's other operations.
   * Each method has two forms: name returns a promise, nameSync blocks the VU.
   */
  export class Client {
    constructor(options?: TargetOptions & PuttingOptions);

    /** stream is a name or an ARN. Puts throw for misuse only: what became of a record is in its entry. */
    putRecord(stream: string, record: KinesisRecord): Promise<Entry>;
    putRecordSync(stream: string, record: KinesisRecord): Entry;
    /** 1 to 500 records. */
    putRecords(stream: string, records: Iterable<KinesisRecord>): Promise<PutRecordsResult>;
    putRecordsSync(stream: string, records: Iterable<KinesisRecord>): PutRecordsResult;

    createStream(p: OfStream): Promise<Answer>;
    createStreamSync(p: OfStream): Answer;
    deleteStream(p: OfStream): Promise<Answer>;
    deleteStreamSync(p: OfStream): Answer;
    /** Waits until the stream is ACTIVE, five minutes at most. */
    waitUntilStreamExists(p: OfStream): Promise<StreamSummary>;
    waitUntilStreamExistsSync(p: OfStream): StreamSummary;
    describeStream(p: OfStream): Promise<Answer>;
    describeStreamSync(p: OfStream): Answer;
    describeStreamSummary(p: OfStream): Promise<StreamSummary>;
    describeStreamSummarySync(p: OfStream): StreamSummary;
    describeLimits(p?: Parameters): Promise<Answer>;
    describeLimitsSync(p?: Parameters): Answer;
    listStreams(p?: Parameters): Promise<Answer & { StreamNames: string[]; HasMoreStreams: boolean; NextToken?: string }>;
    listStreamsSync(p?: Parameters): Answer & { StreamNames: string[]; HasMoreStreams: boolean; NextToken?: string };
    listShards(p: OfStream): Promise<{ Shards: Shard[]; NextToken?: string }>;
    listShardsSync(p: OfStream): { Shards: Shard[]; NextToken?: string };
    /** A number as Timestamp is seconds, as in the API; a Date does as well. */
    getShardIterator(p: Parameters): Promise<{ ShardIterator: string }>;
    getShardIteratorSync(p: Parameters): { ShardIterator: string };
    getRecords(p: Parameters): Promise<GetRecordsAnswer>;
    getRecordsSync(p: Parameters): GetRecordsAnswer;
    updateShardCount(p: Parameters): Promise<Answer>;
    updateShardCountSync(p: Parameters): Answer;
    splitShard(p: Parameters): Promise<Answer>;
    splitShardSync(p: Parameters): Answer;
    mergeShards(p: Parameters): Promise<Answer>;
    mergeShardsSync(p: Parameters): Answer;
    updateStreamMode(p: Parameters): Promise<Answer>;
    updateStreamModeSync(p: Parameters): Answer;
    increaseStreamRetentionPeriod(p: Parameters): Promise<Answer>;
    increaseStreamRetentionPeriodSync(p: Parameters): Answer;
    decreaseStreamRetentionPeriod(p: Parameters): Promise<Answer>;
    decreaseStreamRetentionPeriodSync(p: Parameters): Answer;
    registerStreamConsumer(p: Parameters): Promise<Answer>;
    registerStreamConsumerSync(p: Parameters): Answer;
    deregisterStreamConsumer(p: Parameters): Promise<Answer>;
    deregisterStreamConsumerSync(p: Parameters): Answer;
    describeStreamConsumer(p: Parameters): Promise<Answer>;
    describeStreamConsumerSync(p: Parameters): Answer;
    /** What the consumer is pushed within Duration ('5s'), a parameter beside the API's. */
    subscribeToShard(p: Parameters & { Duration?: string }): Promise<{ Events: SubscribeToShardEvent[] }>;
    subscribeToShardSync(p: Parameters & { Duration?: string }): { Events: SubscribeToShardEvent[] };
    listStreamConsumers(p: Parameters): Promise<Answer>;
    listStreamConsumersSync(p: Parameters): Answer;
    addTagsToStream(p: Parameters): Promise<Answer>;
    addTagsToStreamSync(p: Parameters): Answer;
    removeTagsFromStream(p: Parameters): Promise<Answer>;
    removeTagsFromStreamSync(p: Parameters): Answer;
    listTagsForStream(p: OfStream): Promise<Answer>;
    listTagsForStreamSync(p: OfStream): Answer;
  }

  /** What became of the records of one put. */
  export interface Outcomes {
    accepted: number;
    rejected: number;
    indeterminate: number;
  }
  export interface PutOptions {
    /** Records a call, 1 to 500 (default). Calls of one record are PutRecord. */
    batch?: number;
  }

  /** Puts records that Go makes, each with its ledger token. */
  export class Stream {
    constructor(options?: TargetOptions & PuttingOptions & {
      /** Default: KINESIS_STREAM_NAME. */
      name?: string;
      /** Size of a record: '500B' (default), '1KB'; '300..900' or 'normal:500±100' where sizes vary. */
      payload?: string | number;
      /** File of records, one a line, instead of payload. */
      payloadFile?: string;
      /** File with one record's text and generators in it ({{uuid}}, {{time}}, …), instead of payload. */
      template?: string;
      /** Number of partition keys (default 10000), or how they are drawn: 'unique', 'zipf:1.1', 'hot:0.3'. */
      keys?: number | string;
    });
    /** Puts count records (1 to 1,000,000, default 1), up to 100 calls at once, and waits for the answers. */
    put(count?: number, options?: PutOptions): Outcomes;
    /** The same, as a promise: an iteration can have many under way. */
    putAsync(count?: number, options?: PutOptions): Promise<Outcomes>;
  }

  /** A test of the catalogue on its exact schedule: at most one in a script, made in the init context. */
  export class Test {
    constructor(options?: PuttingOptions & {
      name?: string;
      payload?: string | number;
      payloadFile?: string;
      template?: string;
      /** Records per second, one step each. */
      rates?: number | number[] | string;
      /** Length of a step: '30s'. */
      step?: string;
      keys?: number | string;
    });
    /** k6's options for the schedule: export const options = test.options(). */
    options(): object;
    /** Takes the next call of the schedule, waits until it is due and starts it. */
    next(): void;
  }

  // The call shapes of jslib-aws.

  export interface AWSConfigOptions extends Credentials {
    region: string;
    /** A URL, a host alone (https), or jslib-aws's Endpoint. */
    endpoint?: string | { href: string };
  }
  export class AWSConfig implements AWSConfigOptions {
    /** Reads AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. */
    static fromEnvironment(options?: { endpoint?: string | { href: string } }): AWSConfig;
    constructor(options: AWSConfigOptions);
    region: string;
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
    endpoint?: string | { href: string };
  }
  export interface JSLibRecord {
    /** Base64, or the bytes themselves. */
    Data: string | ArrayBuffer;
    PartitionKey: string;
    ExplicitHashKey?: string;
  }
  export interface JSLibPutResult {
    failedRecordCount: number;
    records: { sequenceNumber?: string; shardId?: string; errorCode?: string; errorMessage?: string }[];
  }
  /** jslib-aws's client: every method throws KinesisServiceError where the service refuses a call. */
  export class KinesisClient {
    constructor(config: AWSConfig);
    createStream(streamName: string, options?: {
      shardCount?: number;
      streamModeDetails?: { streamMode: 'PROVISIONED' | 'ON_DEMAND' };
    }): Promise<void>;
    deleteStream(streamName: string, parameters?: { streamARN?: string; enforceConsumerDeletion?: boolean }): Promise<void>;
    listStreams(parameters?: { exclusiveStartStreamName?: string; limit?: number; nextToken?: string }): Promise<{
      hasMoreStreams: boolean;
      nextToken: string;
      streamNames: string[];
      streamSummaries: {
        streamARN: string;
        /** Seconds since 1970. */
        streamCreationTimestamp: number;
        streamModeDetails: { StreamMode?: string };
        streamName: string;
        streamStatus: string;
      }[];
    }>;
    putRecords(records: JSLibRecord[], parameters: { streamName?: string; streamARN?: string }): Promise<JSLibPutResult>;
    putRecords(streamName: string, records: JSLibRecord[]): Promise<JSLibPutResult>;
    getRecords(shardIterator: string, parameters?: { limit?: number; streamARN?: string }): Promise<{
      nextShardIterator: string;
      /** data is base64. */
      records: { data: string; partitionKey: string; sequenceNumber: string }[];
      millisBehindLatest: number;
    }>;
    listShards(streamName: string, parameters?: { nextToken?: string; maxResults?: number }): Promise<{
      nextToken?: string;
      shards: {
        id: string;
        parentShardId?: string;
        adjacentParentShardId?: string;
        hashKeyRange: { StartingHashKey: string; EndingHashKey: string };
        sequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string };
      }[];
    }>;
    getShardIterator(streamName: string, shardId: string, shardIteratorType: string, parameters?: {
      startingSequenceNumber?: string;
      timestamp?: number;
    }): Promise<{ shardIterator: string }>;
  }
  export class AWSError extends Error {
    code?: string;
  }
  export class KinesisServiceError extends AWSError {
    operation: string;
  }
  export class InvalidSignatureError extends AWSError {}
  export class InvalidAWSConfigError extends Error {}

  /** All of the above: import kinesis from 'k6/x/kinesis'. */
  const kinesis: {
    Client: typeof Client;
    Stream: typeof Stream;
    Test: typeof Test;
    AWSConfig: typeof AWSConfig;
    KinesisClient: typeof KinesisClient;
    AWSError: typeof AWSError;
    KinesisServiceError: typeof KinesisServiceError;
    InvalidSignatureError: typeof InvalidSignatureError;
    InvalidAWSConfigError: typeof InvalidAWSConfigError;
  };
  export default kinesis;
}
