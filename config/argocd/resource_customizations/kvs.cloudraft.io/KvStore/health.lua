-- How a KvStore is, by its conditions (docs/troubleshooting.md). Sync waves go on as soon as it is Healthy, so nothing
-- counts that was said about another generation.
local annotations = obj.metadata.annotations
if annotations ~= nil and annotations["kvs.cloudraft.io/paused"] == "true" then
  return { status = "Suspended", message = "Paused by the annotation kvs.cloudraft.io/paused" }
end

local conditions = {}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.observedGeneration == obj.metadata.generation then
      conditions[condition.type] = condition
    end
  end
end

local ready, stalled = conditions.Ready, conditions.Stalled
if stalled ~= nil and stalled.status == "True" then
  return { status = "Degraded", message = stalled.message }
end
if ready == nil then
  return { status = "Progressing", message = "The operator has yet to take up this generation" }
end
-- A store that is stopped because its spec says so is as it is asked to be.
if ready.status == "True" or ready.reason == "ScaledToZero" then
  return { status = "Healthy", message = ready.message }
end
return { status = "Progressing", message = ready.message }
