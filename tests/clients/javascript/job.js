// What a program with the AWS SDK for JavaScript (version 3) does, from its data to an answer of its endpoint.
// Run by its test with two arguments: a CSV file, and the file to which what it saw goes as JSON.

import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateAutoMLJobV2Command,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DescribeAutoMLJobV2Command,
  ListCandidatesForAutoMLJobCommand,
  ResourceInUse,
  ResourceNotFound,
  SageMakerClient,
  StopAutoMLJobCommand,
  paginateListAutoMLJobs,
  waitUntilEndpointInService,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";

const [data, report] = process.argv.slice(2);
const [job, endpoint, bucket] = ["javascript", "javascript", "javascript"];
const role = "arn:aws:iam::123456789012:role/role";
const s3 = new S3Client({ forcePathStyle: true });
const sagemaker = new SageMakerClient();

const request = (name) => ({
  AutoMLJobName: name,
  AutoMLJobInputDataConfig: [
    {
      ChannelType: "training",
      ContentType: "text/csv",
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${bucket}/input/facts.csv` } },
    },
  ],
  OutputDataConfig: { S3OutputPath: `s3://${bucket}/output` },
  RoleArn: role,
  AutoMLProblemTypeConfig: {
    TextGenerationJobConfig: {
      BaseModelName: "Falcon7BInstruct",
      TextGenerationHyperParameters: { epochCount: "1" },
    },
  },
});

const refused = async (command) => {
  try {
    await sagemaker.send(command);
  } catch (error) {
    return error;
  }
};

const throttleOnce = (operation) =>
  fetch(`${process.env.AWS_ENDPOINT_URL}/_emulator/faults`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ operation, error: "ThrottlingException", times: 1 }),
  });

const finished = async (name) => {
  for (;;) {
    const described = await sagemaker.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: name }));
    if (described.EndTime) return described;
    await sleep(200);
  }
};

const storedMetrics = async (url) => {
  const key = url.replace(`s3://${bucket}/`, "").replace("model.tar.gz", "metrics.json");
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return JSON.parse(await object.Body.transformToString());
};

const answer = async (containers) => {
  await sagemaker.send(new CreateModelCommand({ ModelName: endpoint, ExecutionRoleArn: role, Containers: containers }));
  const variant = { VariantName: "all", ModelName: endpoint, InstanceType: "ml.g5.2xlarge", InitialInstanceCount: 1 };
  await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: endpoint, ProductionVariants: [variant] }));
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: endpoint }));
  const patience = { client: sagemaker, minDelay: 1, maxDelay: 2, maxWaitTime: 120 };
  await waitUntilEndpointInService(patience, { EndpointName: endpoint });
  const invoked = await new SageMakerRuntimeClient().send(
    new InvokeEndpointCommand({
      EndpointName: endpoint,
      ContentType: "application/json",
      Body: JSON.stringify({ inputs: "What is the capital of France?", parameters: { max_new_tokens: 8 } }),
    }),
  );
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpoint }));
  return { body: JSON.parse(new TextDecoder().decode(invoked.Body)), variant: invoked.InvokedProductionVariant };
};

await s3.send(new CreateBucketCommand({ Bucket: bucket }));
await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "input/facts.csv", Body: readFileSync(data) }));
const created = await sagemaker.send(new CreateAutoMLJobV2Command(request(job)));
const inUse = await refused(new CreateAutoMLJobV2Command(request(job)));
const missing = await refused(new DescribeAutoMLJobV2Command({ AutoMLJobName: "no-such-job" }));
const invalid = await refused(new CreateAutoMLJobV2Command(request("not_valid")));
await throttleOnce("DescribeAutoMLJobV2");
const throttled = await sagemaker.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: job }));
const done = await finished(job);
const candidates = await sagemaker.send(new ListCandidatesForAutoMLJobCommand({ AutoMLJobName: job }));

await sagemaker.send(new CreateAutoMLJobV2Command(request(`${job}-stopped`)));
await sagemaker.send(new StopAutoMLJobCommand({ AutoMLJobName: `${job}-stopped` }));
const stopped = await finished(`${job}-stopped`);

const names = [];
for await (const page of paginateListAutoMLJobs({ client: sagemaker, pageSize: 1 }, { NameContains: job })) {
  names.push(...page.AutoMLJobSummaries.map((summary) => summary.AutoMLJobName));
}

const container = done.BestCandidate.InferenceContainers[0];
const seen = {
  arn: created.AutoMLJobArn,
  inUse: inUse instanceof ResourceInUse,
  missing: missing instanceof ResourceNotFound,
  invalid: [invalid.name, invalid.message, invalid.$metadata.httpStatusCode, invalid.$metadata.attempts],
  throttled: throttled.$metadata.attempts,
  status: done.AutoMLJobStatus,
  dates: [done.CreationTime, done.EndTime].map((date) => date instanceof Date),
  metrics: Object.fromEntries(
    done.BestCandidate.CandidateProperties.CandidateMetrics.map((metric) => [metric.StandardMetricName, metric.Value]),
  ),
  stored: await storedMetrics(container.ModelDataUrl),
  candidates: candidates.Candidates.length,
  stopped: stopped.AutoMLJobStatus,
  names,
  answer: await answer(done.BestCandidate.InferenceContainers),
};
writeFileSync(report, JSON.stringify(seen));
